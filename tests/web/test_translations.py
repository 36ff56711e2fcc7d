"""The catalogue: complete, fresh, and a check that can fail."""

from __future__ import annotations

from web import translations


def test_every_message_has_an_english_text_and_none_is_stale():
    assert translations.faults("en") == []


def test_missing_stale_and_broken_texts_are_found(tmp_path, monkeypatch):
    path = tmp_path / "en" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    path.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "没有这句"\nmsgstr "gone"\n', "utf-8"
    )
    monkeypatch.setattr(translations, "catalogue_path", lambda language: path)
    found = translations.faults("en")
    assert any("没有这句" in fault and "no longer used" in fault for fault in found)
    assert any("no translation" in fault for fault in found)
    assert translations.main(["--check"]) == 1


def test_fill_keeps_what_is_there_and_adds_what_is_given(tmp_path, monkeypatch):
    path = tmp_path / "en" / "LC_MESSAGES" / "messages.po"
    monkeypatch.setattr(translations, "catalogue_path", lambda language: path)
    translations.fill("en", {"登录": "Sign in", "没有这句": "nothing"})
    translations.fill("en", {"密码": "Password"})
    texts = {message.id: message.string for message in translations.read(path)}
    assert texts["登录"] == "Sign in"
    assert texts["密码"] == "Password"
    assert "没有这句" not in texts
    assert translations.load(path).ugettext("登录") == "Sign in"


def test_messages_come_from_code_templates_and_macros():
    places = {name.rsplit("/", 1)[0] for name, _, _, _ in translations.messages()}
    assert {"web/forms", "templates/_macros", "templates/units"} <= places
