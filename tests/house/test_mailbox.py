"""The mail catcher of the demonstration: what is posted is shown, and can do no harm on its page."""

from email.message import EmailMessage

from standins.mailbox.letters import Letterbox
from standins.mailbox.page import letter_page, list_page


def post(letterbox, *, subject="Réservé", text="Bonjour", recipients=("parent@example.org",)):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "mairie@example.org", "parent@example.org", subject
    message.set_content(text)
    letterbox.keep(bytes(message), recipients)


def test_letters_are_kept_newest_first_with_their_hidden_recipients():
    letterbox = Letterbox()
    post(letterbox, subject="Premier")
    post(letterbox, subject="Second à 3,10 €", recipients=("parent@example.org", "copie@example.org"))

    newest, oldest = letterbox.letters()

    assert (newest.subject, oldest.subject) == ("Second à 3,10 €", "Premier")
    assert newest.recipients == ("parent@example.org", "copie@example.org")
    assert newest.text == "Bonjour\n"


def test_a_page_shows_the_letter_and_runs_nothing_of_it():
    letterbox = Letterbox()
    post(letterbox, subject="<script>", text="Voir http://famille.localhost:8000/a?b=1&c=2. <img src=x>")

    listed, shown = list_page(letterbox.letters()), letter_page(letterbox.letters()[0])

    assert "<script" not in listed + shown
    assert "<img" not in shown
    assert '<a href="http://famille.localhost:8000/a?b=1&amp;c=2">' in shown


def test_an_empty_box_says_so():
    assert "Aucun courriel" in list_page(())
