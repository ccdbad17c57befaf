"""Letters and slips out of templates: found, compiled and translated once, at the start.

Rules:
1. A site's own template stands in for the shipped one of the same name; so does its own translation of a text.
2. Sandboxed and immutable: a template can show what it is given and reach nothing else.
3. A variable that is not there is an error, never a gap in a letter. In pages everything is escaped.
4. Texts in templates are English; the language that a template is rendered in is its variable `language`.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import CodeType
from typing import Any, ClassVar

import jinja2
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from gateway.package.errors import Code, SluisError
from gateway.package.states import Language
from gateway.receipt.catalogues import read_catalogue
from gateway.receipt.wording import Plural

_SUFFIX = ".j2"
_Variables = Context | Mapping[str, Any]


class Templates:
    """Renders every template of some folders, the first folder before the next.

    Raises SluisError `setting-invalid` with the template's name and line when one can not be compiled.
    """

    def __init__(self, *, folders: Sequence[Path]) -> None:
        self._catalogues = {language: read_catalogue(folders, language) for language in Language}
        self._environment = self._make_environment(folders)
        self._templates = {name: self._compile(name) for name in self._names()}

    def render(self, template: str, /, *, language: Language, context: Mapping[str, object]) -> str:
        """Render one template in a language. Raises SluisError `setting-invalid` when it uses what is not there."""
        if template not in self._templates:
            raise SluisError(Code.SETTING_INVALID, where=f"templates/{template}")
        try:
            return self._templates[template].render(context, language=language)
        except jinja2.TemplateError as error:
            raise SluisError(Code.SETTING_INVALID, where=f"templates/{template}") from error

    def text(self, message: str, /, *, language: Language) -> str:
        """Translate one text of the house."""
        return self._catalogues[language].gettext(message)

    def counted(self, plural: Plural, count: int, /, *, language: Language) -> str:
        """Translate one text of the house in the form that fits a count."""
        return self._catalogues[language].ngettext(plural.one, plural.many, count)

    def _make_environment(self, folders: Sequence[Path]) -> "_Sandbox":
        environment = _Sandbox(
            loader=jinja2.FileSystemLoader(folders),
            extensions=["jinja2.ext.i18n"],
            undefined=jinja2.StrictUndefined,
            autoescape=lambda name: name is not None and name.endswith(f".html{_SUFFIX}"),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
            cache_size=-1,
            bytecode_cache=_Compiled(),
        )
        environment.filters["day"] = _day
        # The i18n extension adds this method; jinja2's own types do not know it.
        install = environment.install_gettext_callables  # type: ignore[attr-defined] # see the sentence above.
        install(self._gettext, self._ngettext, newstyle=True)
        # The extension's own two take three calls each to get here; slips ask for some hundred texts.
        environment.globals |= {"_": self._gettext, "ngettext": self._ngettext}
        environment.ours = (self._gettext, self._ngettext)
        return environment

    @jinja2.pass_context
    def _gettext(self, variables: _Variables, message: str, /, **places: object) -> str:
        """Translate, then fill the `%(name)s` places; a page escapes the whole of it."""
        text = self._catalogues[variables["language"]].gettext(message)
        return text % places if places else text

    @jinja2.pass_context
    def _ngettext(self, variables: _Variables, singular: str, plural: str, number: int, /, **places: object) -> str:
        """Translate in the form that fits a number, and fill its place `%(num)s` and the others."""
        text = self._catalogues[variables["language"]].ngettext(singular, plural, number)
        return text % {"num": number, **places}

    def _names(self) -> list[str]:
        return self._environment.list_templates(filter_func=lambda name: name.endswith(_SUFFIX))

    def _compile(self, name: str) -> jinja2.Template:
        try:
            return self._environment.get_template(name)
        except jinja2.TemplateSyntaxError as error:
            raise SluisError(Code.SETTING_INVALID, where=f"templates/{error.name}:{error.lineno}") from error
        except (jinja2.TemplateError, OSError, UnicodeDecodeError) as error:
            raise SluisError(Code.SETTING_INVALID, where=f"templates/{name}") from error


class _Compiled(jinja2.BytecodeCache):
    """Keeps what was compiled, in memory: the same text in the same file is compiled once in a process and its forks.

    That is a tenth of a second for the shipped ones, and was half of what a foreman built.
    """

    _kept: ClassVar[dict[tuple[str, str], CodeType | None]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """See jinja2: fill in the code that is known for a file and a text."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """See jinja2: keep it."""
        self._kept[bucket.key, bucket.checksum] = bucket.code


class _Sandbox(ImmutableSandboxedEnvironment):
    """The sandbox, which asks only once for each type whether an attribute is safe: nothing else decides it.

    `ours` are our own functions, the only ones that slips call, and need no question whether they may be called.
    """

    ours: tuple[Callable[..., str], ...] = ()

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._safe: dict[tuple[type, str], bool] = {}

    def getattr(self, obj: object, attribute: str) -> object:
        """Show a value of a kind that was found safe before; what can be called is looked at every time."""
        if self._safe.get((type(obj), attribute)):
            value = getattr(obj, attribute, callable)
            if not callable(value):
                return value
        return super().getattr(obj, attribute)

    def call(self, context: Context, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call a function; our own at once, with the variables that hold the language where it is called."""
        if function not in self.ours:
            return super().call(context, function, *args, **kwargs)
        variables: _Variables = context
        for inner in (kwargs.pop("_loop_vars", None), kwargs.pop("_block_vars", None)):
            if inner and "language" in inner:
                variables = inner
        result: str = function(variables, *args, **kwargs)
        return result

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        key = (type(obj), attr)
        safe = self._safe.get(key)
        if safe is None:
            safe = self._safe[key] = super().is_safe_attribute(obj, attr, value)
        return safe


@jinja2.pass_context
def _day(context: Context, value: dt.date) -> str:
    """Write a day as the reader expects it: day first in Dutch, ISO 8601 in English."""
    return value.strftime("%d-%m-%Y" if context["language"] == Language.NL else "%Y-%m-%d")
