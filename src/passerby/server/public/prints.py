"""What is printed for the public: signs."""

from __future__ import annotations

from passerby.base.errors import CharterError
from passerby.charter.notice.sign import Form
from passerby.charter.notice.sign import sign as sign_of
from passerby.press.signs import built_in, sign_pdf
from passerby.server.problems import Problem
from passerby.server.public.camera import held
from passerby.server.public.sources import Shelf

FORMS = {form.label: form for form in Form}


def sign(shelf: Shelf, camera: str, size: str) -> bytes:
    """A camera's sign as PDF, in those of its entry's languages that come with Passerby.

    Args:
        shelf: The register.
        camera: The camera's id.
        size: A form's name.

    Raises:
        Problem: There is no such camera, or no sign can be made of what is known.
        PressError: A font is missing, or the words don't fit.
    """
    register = shelf.known()
    found = held(register, camera)
    known = built_in()
    catalogues = tuple(known[tag] for tag in found.entry.languages if tag in known)
    root = shelf.sources.first or register.root
    try:
        made = sign_of(found.entry, found.owner, catalogues, register.page_of(camera), root)
    except CharterError as error:
        raise Problem(404, error.message, error.advice) from error
    return sign_pdf(made, FORMS[size], catalogues)
