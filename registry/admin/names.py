"""The words of names that searches use: to look at."""

from __future__ import annotations

from django.contrib import admin

from registry.admin_base import IntermediarySearch, ReadOnlyAdmin
from registry.models import NameWord, NameWords


@admin.register(NameWords)
class NameWordsAdmin(IntermediarySearch, ReadOnlyAdmin):
    """The words of each intermediary's names."""

    list_display = ("intermediary", "words")
    list_select_related = ("intermediary",)


@admin.register(NameWord)
class NameWordAdmin(ReadOnlyAdmin):
    """Each word once."""

    list_display = ("word",)
    search_fields = ("word",)
