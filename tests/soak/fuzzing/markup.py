"""Changes the mark-up of a document, so that it mostly remains one: as a tree of XML, or as text with tags in it."""

import copy
import random
import re
from collections.abc import Callable, Sequence
from typing import Final

from lxml import etree

CHARACTERS: Final = (
    "\u00ad", "\u034f", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u0301", "\u0338", "\u0345", "\u202d",
    "\u202e", "\u2066", "\u2028", "\u0085", "\u00a0", "\u3000", "\U000e0041", "\ufe0f", "\ue000", "\u0130", "\u00df",
    "\ufb01", "\u0149", "\uff2d", "\U0001d40c", "\u041c", "\u0660", "\u00b2", "\u2075", "\ufffd", "\ufdfa", "-\n",
    "\t", "\n", "\f", " ", "'", ".",
)  # fmt: skip
"""What hides, joins, turns, expands when folded, or only looks like a letter or a digit."""
VALUES: Final = (
    "", "0", "1", "-1", "2", "true", "false", "none", "hidden", "veryHidden", "collapse", "filter", "visible", "auto",
    "99999999999999999999", "1048576", "16385", "2147483648", "1e309", "NaN", "-0.0", "1_000", " 5 ", "\u00b2",
    "\u0661", "\u00bd", "#ffffff", "FFFFFF", "#fff", "transparent", "A1", "$A$1", "A0", "XFD1048576", "XFE1",
    "A1:XFD1048576", "B2:A1", "../x", "/word/document.xml", "#x", "s", "str", "inlineStr", "b", "e", "d", "n",
    "restart", "continue", "exact", "begin", "separate", "end", "string", "float", "date", "percentage", "boolean",
    "display:none", "font-size:1px", "\u200b", "x" * 5000, "0,1", "100%", "0pt", "1e5cm", "-5mm", "0001-01-01",
    "9999-12-31T23:59:60", "1899-12-30", ";;;", "[h]", "[$-413]", "@", "R1C1", "Merhawi Tesfay", "External",
    "preserve", "PT99999999999H",
)  # fmt: skip
_MOST_NESTED: Final = 300
_TOKENS: Final = re.compile(r"(<[^>]*>)")
_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NAMES: Final = re.compile("Merhawi|Tesfay|Haile|Fatemeh|Rezai")
_TAGS: Final = (
    "<b>", "</b>", "<p>", "</p>", "<div>", "</div>", "<table>", "</table>", "<tr>", "<td>", "</td>", "<!--", "-->",
    "<![CDATA[", "]]>", "<span hidden>", "<span style='display:none'>", "</span>", "<style>", "</style>", "<script>",
    "</script>", "<title>", "<textarea>", "<select><option>", "<svg>", "<math>", "<template>", "<plaintext>", "<xmp>",
    "<pre>", "<br>", "<wbr>", "<ruby>", "<rt>", "<frameset>", "<head>", "</head>", "<body style='color:white'>",
    "</body>", "</html>", "<base href=x>", "<?x ", "?>", "<!DOCTYPE html>", "<li>", "<ol type=i>", "<details>",
    "<bdo dir=rtl>", "<meta charset=utf-7>", "<meta charset=utf-16>", "<td colspan=99999999999 rowspan=0>",
    "<td rowspan=\u00b2>", "<form>", "<input value=x>", "<a href='x' title='Merhawi Tesfay'>",
)  # fmt: skip
_STYLES: Final = (
    "*{display:none}", "p{visibility:hidden}", "p:not(.x){display:none}", "@import url(x);",
    "@media print{p{display:none}}", "p::after{content:'Merhawi Tesfay'}", "{{{", "}}}", "p{color:rgb(255,255,255)}",
    "p{color:hsl(0,0%,100%)}", "/*", "*/", "p{font-size:\u00b2px}", "p{font-size:1e999px}", "p{opacity:.}",
    "p{color:rgb(,,)}", "body *{clip:rect(0 0 0 0)}", "\\64 isplay:none",
)  # fmt: skip
_ENTITIES: Final = "<!DOCTYPE x [<!ENTITY a 'Merhawi'><!ENTITY b '&a;&a;&a;'>]>"
_SPACES: Final = (b"http://", b"urn:", b"2006/main", b":1.0")
_OTHER_SPACES: Final = (b"http://purl.oclc.org/", b"URN:", b"2007/main", b":1.1", b"")

TreeChange = Callable[[etree._Element, etree._Element, random.Random], None]


def mutated_xml(content: bytes, chance: random.Random) -> bytes:
    """Change a part: as a tree most of the time, else as text."""
    if chance.random() < 0.85:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
        root = etree.fromstring(content, parser)
        if root is not None:
            for _ in range(chance.choice((1, 1, 2, 3, 8))):
                _change_tree(root, chance)
            coding = chance.choice(("UTF-8",) * 8 + ("UTF-16", "US-ASCII", "ISO-8859-1"))
            made = etree.tostring(root, encoding=coding, xml_declaration=coding != "UTF-8")
            return made if isinstance(made, bytes) else made.encode()
    text = content.decode("utf-8", "replace")
    return written(mutated_tags(text, chance, html=False), chance)


def written(text: str, chance: random.Random) -> bytes:
    """Write a text in UTF-8, and now and then in another coding than it says."""
    coding = chance.choice(("utf-8",) * 12 + ("utf-16", "utf-16-le", "cp1252", "utf-8-sig", "utf-7", "utf-32"))
    return text.encode(coding, "replace")


# ---- Trees ---------------------------------------------------------------------------------------------------------


def _change_tree(root: etree._Element, chance: random.Random) -> None:
    elements = [each for each in root.iter(etree.Element) if each is not root]
    if elements:
        with_text = [each for each in elements if (each.text or "").strip()]
        change = chance.choice(_TREE_CHANGES)
        among = with_text if with_text and change in _OF_TEXT else elements
        change(chance.choice(among), chance.choice(elements), chance)


def _double(element: etree._Element, _other: etree._Element, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 1, 2, 40))):
        element.addnext(_bare(element))


def _delete(element: etree._Element, _other: etree._Element, _chance: random.Random) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _move(element: etree._Element, other: etree._Element, chance: random.Random) -> None:
    if other is not element and element not in other.iterancestors():
        other.insert(chance.randrange(len(other) + 1), element)


def _copy_into(element: etree._Element, other: etree._Element, chance: random.Random) -> None:
    other.insert(chance.randrange(len(other) + 1), _bare(element))


def _nest(element: etree._Element, other: etree._Element, chance: random.Random) -> None:
    inner = _bare(element)
    for _ in range(chance.choice((1, 2, 20, _MOST_NESTED))):
        outer = etree.Element(chance.choice((element.tag, other.tag)))
        outer.append(inner)
        inner = outer
    element.addnext(inner)


def _rename(element: etree._Element, other: etree._Element, _chance: random.Random) -> None:
    element.tag = other.tag


def _change_space(element: etree._Element, other: etree._Element, chance: random.Random) -> None:
    local = etree.QName(element).localname
    space = chance.choice((etree.QName(other).namespace, "urn:x", None))
    element.tag = f"{{{space}}}{local}" if space else local


def _set_attribute(element: etree._Element, other: etree._Element, chance: random.Random) -> None:
    names = [*element.attrib, *other.attrib]
    if names:
        element.set(chance.choice(names), chance.choice(VALUES))


def _drop_attribute(element: etree._Element, _other: etree._Element, chance: random.Random) -> None:
    if element.attrib:
        element.attrib.pop(chance.choice(list(element.attrib)))


def _take_attributes(element: etree._Element, other: etree._Element, _chance: random.Random) -> None:
    for name, value in other.attrib.items():
        element.set(name, value)


def _split(element: etree._Element, _other: etree._Element, chance: random.Random) -> None:
    """Split a text, a name above all, over two elements; or over two of what they stand in."""
    text = element.text or ""
    at = _place_in_name(text, chance)
    parent = element.getparent()
    if chance.random() < 0.5 or parent is None or parent.getparent() is None:
        second = _bare(element)
        element.text, second.text = text[:at], text[at:]
        element.addnext(second)
        return
    index = parent.index(element)
    following = _bare(parent)
    element.text, following[index].text = text[:at], text[at:]
    parent.addnext(following)


def _put_characters(element: etree._Element, _other: etree._Element, chance: random.Random) -> None:
    element.text = _NOT_IN_XML.sub("", with_characters(element.text or "", chance))


def _swap_texts(element: etree._Element, other: etree._Element, _chance: random.Random) -> None:
    element.text, other.text = other.text, element.text


def _put_tail(element: etree._Element, _other: etree._Element, _chance: random.Random) -> None:
    element.tail, element.text = element.text, None


def _bare(element: etree._Element) -> etree._Element:
    made = copy.deepcopy(element)
    made.tail = None
    return made


_OF_TEXT: Final[Sequence[TreeChange]] = (_split, _put_characters, _swap_texts, _put_tail)
_TREE_CHANGES: Final[Sequence[TreeChange]] = (
    _double, _delete, _move, _copy_into, _nest, _rename, _change_space, _set_attribute, _set_attribute, _set_attribute,
    _drop_attribute, _take_attributes, _split, _split, _put_characters, _put_characters, _swap_texts, _put_tail,
)  # fmt: skip


# ---- Texts ---------------------------------------------------------------------------------------------------------


def with_characters(text: str, chance: random.Random) -> str:
    """Put characters that hide or look alike into a text, in the middle of a name where there is one."""
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = _place_in_name(text, chance)
        text = text[:at] + chance.choice(CHARACTERS) * chance.choice((1, 1, 1, 30)) + text[at:]
    return text


def _place_in_name(text: str, chance: random.Random) -> int:
    names = list(_NAMES.finditer(text))
    if names and chance.random() < 0.8:
        start, end = chance.choice(names).span()
        return chance.randrange(start, end + 1)
    return chance.randrange(len(text) + 1)


def mutated_tags(text: str, chance: random.Random, *, html: bool) -> str:
    """Change a text with tags in it, as text: tags doubled, gone, moved, cut; entities, comments, declarations."""
    tokens = _TOKENS.split(text)
    for _ in range(chance.choice((1, 1, 2, 4, 15))):
        at, other, kind = chance.randrange(len(tokens)), chance.randrange(len(tokens)), chance.random()
        if kind < 0.15:
            tokens.insert(at, tokens[other])
        elif kind < 0.3:
            tokens[at] = ""
        elif kind < 0.4:
            tokens[at], tokens[other] = tokens[other], tokens[at]
        elif kind < 0.5:
            tokens[at] = tokens[at][: chance.randrange(len(tokens[at]) + 1)]
        elif kind < 0.7 and html:
            tokens.insert(at, chance.choice(_TAGS) * chance.choice((1, 1, 1, 1, 300)))
        elif kind < 0.8 and html:
            tokens.insert(at, f"<style>{chance.choice(_STYLES)}</style>")
        elif kind < 0.9:
            tokens[at] = _disguised(tokens[at], chance)
        else:
            tokens[at] = with_characters(tokens[at], chance)
    text = "".join(tokens)
    if not html and chance.random() < 0.1:
        text = _ENTITIES + text.replace("Merhawi", "&a;", 1)
    return text


def _disguised(text: str, chance: random.Random) -> str:
    """Write a letter of a name as a reference, or break it with what parsers pass over."""
    at = _place_in_name(text, chance)
    letter = text[at : at + 1]
    forms = (
        f"&#{ord(letter)};" if letter else "&#77",
        f"&#x{ord(letter):x};" if letter else "&#x",
        f"<!-- x -->{letter}",
        f"<![CDATA[{letter}]]>",
        f"<?x?>{letter}",
        f"&shy;{letter}",
        f"&nbsp;{letter}",
        f"&#0;{letter}",
        f"&#xD800;{letter}",
        f"&#x110000;{letter}",
        f"&zwj;{letter}",
        f"&unknown;{letter}",
    )
    return text[:at] + chance.choice(forms) + text[at + 1 :]


def with_other_space(content: bytes, chance: random.Random) -> bytes:
    """Change the name of a namespace everywhere or once, as strict or older writers would."""
    return content.replace(chance.choice(_SPACES), chance.choice(_OTHER_SPACES), chance.choice((1, -1)))
