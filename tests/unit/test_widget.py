"""Panels as widgets, the kernel's side, and the option that asks for them."""

from types import SimpleNamespace

import ipywidgets
import pytest

import zenlab
from tests.browser.panels import statistics_panel, wide_panel
from zenlab.core.errors import ParameterError, ZenlabError
from zenlab.notebook import extension, options, widget
from zenlab.views.panel import MIME_TYPE

FILES = {"widget.js": "export {}", "widget.css": ".zen-panel {}", "plotly.js": "export const å = 1"}


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    """What Node makes, without Node."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for module in (options, widget):
        monkeypatch.setattr(module, "WIDGET_FILES", tmp_path)
    monkeypatch.setattr(widget, "VIEWS", widget.Views())
    monkeypatch.setattr(options.OPTIONS, "_renderer", "mime")
    widget._text.cache_clear()
    yield tmp_path
    widget._text.cache_clear()
    ipywidgets.Widget.close_all()


def made(payload):
    """The widget of a payload, and what it sends from now on."""
    view = widget.VIEWS.of(payload)
    found = widget.VIEWS._widgets[view["model_id"]]
    sent = []
    found.send = lambda content, buffers=None: sent.append((content, buffers))
    return found, sent


def test_the_option_takes_what_there_is():
    assert zenlab.options.renderer == "mime"
    zenlab.options.renderer = "widget"
    assert repr(zenlab.options) == "Options(renderer='widget')"


@pytest.mark.parametrize("value", ["wiget", "Widget", "html", None, ["widget"]])
def test_the_option_refuses_what_there_is_not(value):
    with pytest.raises(ParameterError, match=r"options\.renderer cannot be") as raised:
        zenlab.options.renderer = value
    assert "widget" in raised.value.hint
    assert zenlab.options.renderer == "mime"


def test_an_option_with_a_typing_error_is_refused():
    with pytest.raises(ParameterError, match="no option called 'rendrer'") as raised:
        zenlab.options.rendrer = "widget"
    assert raised.value.hint == "Did you mean 'renderer'?"


def test_what_widgets_lack_is_said_when_they_are_asked_for(files, monkeypatch):
    (files / "widget.js").unlink()
    with pytest.raises(ZenlabError, match="built without Node"):
        zenlab.options.renderer = "widget"
    monkeypatch.setattr(options, "find_spec", lambda _: None)
    with pytest.raises(ZenlabError, match="package anywidget") as raised:
        zenlab.options.renderer = "widget"
    assert "zenlab[widget]" in raised.value.hint
    assert zenlab.options.renderer == "mime"


def test_a_cell_shows_a_widget_beside_payload_and_table():
    formatters = {}
    formatter = SimpleNamespace(for_type_by_name=lambda *args: formatters.update(panel=args[-1]))
    extension._listen(
        SimpleNamespace(
            kernel=SimpleNamespace(comm_manager=SimpleNamespace(register_target=lambda *_: None)),
            display_formatter=SimpleNamespace(mimebundle_formatter=formatter),
        )
    )
    plain = formatters["panel"](statistics_panel())
    assert plain == statistics_panel()._repr_mimebundle_()
    zenlab.options.renderer = "widget"
    bundle = formatters["panel"](statistics_panel())
    view = bundle.pop(widget.VIEW_MIME_TYPE)
    assert bundle == plain
    assert view["model_id"] == widget.model_id(plain[MIME_TYPE])


def test_a_panel_has_one_model_and_another_panel_another():
    one, two = (
        panel._repr_mimebundle_()[MIME_TYPE] for panel in (statistics_panel(), wide_panel())
    )
    first, _ = made(one)
    assert widget.VIEWS.of(dict(reversed(one.items())))["model_id"] == first.model_id
    assert made(one)[0] is first
    assert first.layout.model_id == f"{first.model_id}-layout"
    assert widget.VIEWS.of(two)["model_id"] != first.model_id
    assert first.get_state()["payload"] == one
    first.close()  # as Widget.close_all() does
    again, _ = made(one)
    assert again is not first
    assert again.model_id == widget.model_id(one)


def test_the_oldest_widgets_are_closed(monkeypatch):
    monkeypatch.setattr(widget, "MOST", 2)
    (first, _), (second, _) = made({"n": 1}), made({"n": 2})
    made({"n": 1})
    made({"n": 3})
    assert first.comm is not None
    assert second.comm is None
    assert second.layout.comm is None


def test_a_question_is_answered_as_by_the_comm():
    found, sent = made({"n": 1})
    found._msg_callbacks(found, {"question": {"id": 7, "request": {"type": "hello"}}}, [])
    ((content, buffers),) = sent
    assert buffers is None
    assert content["reply"]["id"] == 7
    assert content["reply"]["answer"]["type"] == "welcome"


def test_code_is_sent_when_it_is_asked_for_and_nothing_else():
    found, sent = made({"n": 1})
    for content in ({"code": "plotly"}, {"code": "../plotly"}, {"code": ["x"]}, {}, None, "x"):
        found._msg_callbacks(found, content, [])
    assert sent == [({"code": "plotly"}, [FILES["plotly.js"].encode()])]
