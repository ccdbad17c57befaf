"""A page with somebody else's name in every place where a name can hide."""

N = "Merhawi Tesfay"
HIDDEN = (
    "display:none", "visibility:hidden", "opacity:0", "opacity: .05", "font-size:1px", "font-size:0", "color:#fff",
    "color:white", "color:rgb(255, 255, 254)", "color:rgba(0,0,0,0)", "color:transparent", "text-indent:-9999px",
    "position:absolute;left:-9999px", "height:0;overflow:hidden", "clip:rect(0,0,0,0)", "transform:scale(0)",
    "color:#000;background:#000", "-webkit-text-fill-color:transparent", "COLOR : WHITE !important", "line-height:0",
)  # fmt: skip
_STYLE = (
    f"/* {N} */ .weg, p.ook {{display:none}} #een {{ visibility : hidden }} .kop > .diep {{font-size:1px}}"
    f" .x::before {{content:'{N}'}} @media screen {{ .scherm {{display:none}} }}"
)
_PAGE = f"""<?xml version="1.0"?><!DOCTYPE html><!-- {N} --><html lang="nl" data-x="{N}"><head><title>{N}</title>
<meta name="author" content="{N}"><base href="https://{N}.example/"><link href="{N}.css" rel="stylesheet">
<style>{_STYLE}</style><script>var x = "{N}";</script></head><body onload="{N}">
<h1>Gespreksverslag van Selam Haile</h1>
<p id="{N}" title="{N}">De heer Mer<b>ha</b>wi<!-- {N} --> Tes<i>fay</i> sprak met
   Selam Haile.</p>
{"".join(f'<p>zichtbaar <span style="{style}">verborgen {N}</span></p>' for style in HIDDEN)}
<p>zichtbaar <span class="weg">verborgen {N}</span><span id="een">verborgen {N}</span></p>
<p class="ook">verborgen {N}</p>
<div class="kop"><p class="x">zichtbaar <span class="diep">verborgen {N}</span><span
 class="scherm">verborgen {N}</span></p></div>
<p>zichtbaar <span hidden>verborgen {N}</span><font color="white">verborgen {N}</font></p>
<table bgcolor="#1f3864" summary="{N}"><caption>bijschrift</caption>
<tr><td><font color="white">wit op blauw</font></td></tr>
<tr style="display:none"><td>verborgen {N}</td></tr><tr><td colspan="2" rowspan="9">cel met {N}</td></tr></table>
<template>verborgen {N}</template><noscript>verborgen {N}</noscript>
<iframe src="{N}" srcdoc="{N}">verborgen {N}</iframe>
<svg><text>verborgen {N}</text></svg><img src="data:image/png;base64,{N}" alt="{N}">
<object data="{N}">verborgen {N}</object>
<form action="{N}"><input value="{N}"><textarea>verborgen {N}</textarea>
<select><option>verborgen {N}</option></select></form>
<p>zichtbaar <del cite="{N}">verborgen {N}</del><ins>ingevoegd {N}</ins></p>
<p><a href="mailto:{N}" ping="{N}" download="{N}">koppeling</a> <ruby>basis<rt>verborgen {N}</rt></ruby></p>
<ul><li>een<ol type="a"><li>a van {N}</li><li>b</li></ol></li><li>twee</li></ul>
<pre>vaste  tekst
van {N}</pre><details><summary>samenvatting</summary>uitklap {N}</details><dialog>verborgen {N}</dialog>
<x-eigen data-n="{N}">eigen {N}</x-eigen><p>M&#101;rhawi&nbsp;Tesf&#x61;y</p>
<math><mi>verborgen {N}</mi></math><![CDATA[{N}]]></body></html><!-- {N} -->"""


def nasty_html() -> bytes:
    return _PAGE.encode()
