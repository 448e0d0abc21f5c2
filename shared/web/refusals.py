"""What a page says instead of doing what was asked, as an exception that becomes a page."""


class Refusal(Exception):
    """The page that was asked for is answered by a short one that says why not, and what can be done."""

    def __init__(self, status: int, title: str, text: str) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.text = text


class NotFound(Refusal):
    """There is no such page for this reader; whether there is one for others is not said."""

    def __init__(self) -> None:
        super().__init__(404, "There is nothing here", "The address may be incomplete, or it is not yours to see.")


class SignInFirst(Exception):
    """This page is for people who have signed in; `next_path` is where they wanted to go."""

    def __init__(self, next_path: str) -> None:
        super().__init__("sign in first")
        self.next_path = next_path
