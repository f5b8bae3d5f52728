"""The errors a user of the build can cause and mend."""


class BuildError(Exception):
    """Something the user can mend: what is wrong, and what to do next.

    Both parts are whole sentences in the user's words; the command line shows
    them as they stand and exits with code 2.
    """

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem} {self.remedy}".strip()


class WeightsError(BuildError):
    """A weights file cannot be read, or does not fit the network."""


class ExportError(BuildError):
    """A model cannot be written, or the written one answers differently."""


class DatasetError(BuildError):
    """A dataset folder, or the model to be evaluated on it, cannot be used."""
