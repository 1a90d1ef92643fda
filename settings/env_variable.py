"""What an environment variable is: its name, how it is read, what is said of a value that cannot be used."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.core.exceptions import ImproperlyConfigured

from registry.rules.problems import shown
from settings.env_values import readable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Variable(Generic[T]):
    """One variable. ``parse`` raises ValueError with what is wrong; ``shape`` tells what would be right."""

    name: str
    parse: Callable[[str], T]
    default: T
    shape: str
    meaning: str
    secret: bool = False

    def read(self, environ: Mapping[str, str] = os.environ) -> T:
        """Return the value, or the default where it is unset or empty.

        Raises:
            ImproperlyConfigured: it is set to something that cannot be used.
        """
        text = environ.get(self.name, "").strip()
        if not text:
            return self.default
        try:
            return self.parse(readable(text))
        except ValueError as error:
            raise self.unusable(text, f"{error}") from None

    def unusable(self, text: str, reason: str) -> ImproperlyConfigured:
        """The error for a value that cannot be used: the variable, the value, why not, what would be right."""
        value = "(valeur tenue secrète)" if self.secret else f"«\u00a0{shown(text)}\u00a0»"
        return ImproperlyConfigured(
            f"La variable d’environnement {self.name} vaut {value}\u00a0: {reason}. "
            f"Donnez-lui {self.shape}, ou retirez-la pour la valeur par défaut."
        )

    def require(self, environ: Mapping[str, str] = os.environ) -> T:
        """As ``read``, where no default will do.

        Raises:
            ImproperlyConfigured: it is unset, or set to something that cannot be used.
        """
        if not environ.get(self.name, "").strip():
            raise ImproperlyConfigured(
                f"La variable d’environnement {self.name} manque, et elle est obligatoire ici. Donnez-lui {self.shape}."
            )
        return self.read(environ)

    def refuse(self, reason: str, environ: Mapping[str, str] = os.environ) -> None:
        """Stop the start where the variable is set at all.

        Raises:
            ImproperlyConfigured: it is set.
        """
        if environ.get(self.name, "").strip():
            raise ImproperlyConfigured(f"La variable d’environnement {self.name} est définie, or {reason}. Retirez-la.")

    def hand_down(self, text: str, environ: MutableMapping[str, str] = os.environ) -> None:
        """Set the variable for the processes started from here; what has been read already stays as it is."""
        environ[self.name] = text
