"""What can go wrong, as sentences.

Every error that a person may meet is a `Problem`: what is wrong, where, what to do now, in Chinese and English.
It is raised anywhere in the core and turned into an answer in one place by each face (the command line prints it and
exits with `exit_code`). Each part of the core keeps its own catalogue in its `problems.py`.
"""

from __future__ import annotations

from typing import ClassVar

from khotail.texts import Text


class Problem(Exception):
    """Base of all problems. Subclasses set `sentence` (with `{placeholders}`) and `exit_code`."""

    sentence: ClassVar[Text] = Text("出现问题。", "Something went wrong.")
    #: 2 the command was called wrongly, 3 the input is bad, 4 the rulebook is bad, 5 the machine failed (disk, memory)
    exit_code: ClassVar[int] = 3
    #: the status of the answer when it is met on a page or through the API
    status: ClassVar[int] = 400

    def __init__(self, **values: object) -> None:
        self.values = values
        self.text = self.sentence.filled(**values)
        super().__init__(self.text.en)
