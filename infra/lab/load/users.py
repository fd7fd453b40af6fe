"""Simulated people, as Locust users: what each does, and whether the answers are right.

Imported by ``infra.lab.load.generator`` only, whose process Locust has patched for gevent.
"""

from __future__ import annotations

from typing import Any

import gevent
from locust import task
from locust.exception import StopUser

from infra.lab.load import response_checks
from infra.lab.load.client import ApiUser
from infra.lab.load.picture_cache import PictureCache
from infra.lab.load.pictures import MULTIPART
from infra.lab.load.response_checks import decoded, page_fault, path_of, photo_fault
from infra.lab.load.spec import (
    COMMENT,
    FEED,
    FOLLOW,
    LIKE,
    LOG_IN,
    LOG_OUT,
    NEXT_PAGE,
    NINE,
    PHOTO,
    PICTURE,
    REGISTER,
    SESSION,
    UPLOAD,
)

NEW_PASSWORD = "lab-measures-password-7"  # noqa: S105 - of people who exist for the measurement
FROM_FEED = 0.5  # of the photos that are opened; the others are the popular ones


class SimulatedUser(ApiUser):
    """A person with an account and a connection, who does one act at a time."""

    abstract = True

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self.password = ""
        self.refresh = ""
        self.older = ""
        self.last_seen = 0
        self.feed_ids: list[str] = []
        self.shown = 0  # how many photos the newest page had: it never has fewer later
        self.liked: set[str] = set()
        self.pictures = PictureCache(self.dice) if self.shared.load.pictures else None
        self.acts = {
            REGISTER: self.register,
            LOG_IN: self.log_in,
            LOG_OUT: self.log_out,
            SESSION: self.session,
            FEED: self.feed,
            NEXT_PAGE: self.next_page,
            PHOTO: self.photo,
            PICTURE: self.picture,
            LIKE: self.like,
            FOLLOW: self.follow,
            COMMENT: self.comment,
            UPLOAD: self.upload,
        }

    # How a person arrives and goes on; subclasses say what comes next.

    def arrive(self) -> None:
        """Log in as a person of the data set; register where all of them are taken."""
        load = self.shared.load
        if load.profile != "journey" and self.number < load.people:
            self.name, self.password = f"user{self.number + 1}", load.password
            if tokens := load.tokens.get(self.name):
                self._take_tokens(dict(zip(("access", "refresh"), tokens, strict=True)))
            else:
                self.keep_trying(self.log_in)
        else:
            self.keep_trying(self.register)

    def keep_trying(self, enter: Any) -> None:
        """Call ``enter``, again every second while the site refuses; the failures are counted.

        Raises ``StopUser`` once the run is over.
        """
        while not enter():
            self.stop_if_over()
            gevent.sleep(1)

    def stop_if_over(self) -> None:
        """Raise ``StopUser``, which ends a Locust user, when the run is over."""
        if self.shared.over:
            raise StopUser

    def do(self, operation: str) -> bool:
        """Do one operation, after logging in where that is needed; return whether it succeeded."""
        if not self.token and operation not in {REGISTER, LOG_IN} and not self.log_in():
            return False
        if self.pictures is not None:
            self.pictures.next_act()
        return bool(self.acts[operation]())

    def look_at(self, cards: list[dict[str, Any]], *, newest: bool = False) -> None:
        """Load the pictures that these photos show, one after the other, but for those kept."""
        if self.pictures is None:
            return
        for address, tag in self.pictures.missing(cards, newest=newest):
            kept = self.load_picture(path_of(address), tag)
            if any(kept):
                self.pictures.keep(address, *kept)

    # The acts.

    def register(self) -> bool:
        """Register as a new person; name and tokens are kept as they were if the site refuses."""
        self.token = ""
        name = f"lab{self.shared.mark}x{self.number}x{self.dice.randrange(10**6)}"
        values = {"username": name, "password": NEW_PASSWORD, "email": f"{name}@example.org"}
        answer = self.write(REGISTER, "POST", "/api/v1/auth/register/", values, expect=(201,))
        if answer is None:
            return False
        self.name, self.password = name, NEW_PASSWORD
        self.liked, self.shown, self.older = set(), 0, ""
        return self._take_tokens(answer)

    def log_in(self) -> bool:
        """Log in; return whether the site gave tokens."""
        self.token = ""
        values = {"username": self.name, "password": self.password}
        answer = self.write(LOG_IN, "POST", "/api/v1/auth/token/", values)
        return answer is not None and self._take_tokens(answer)

    def _take_tokens(self, answer: dict[str, Any]) -> bool:
        self.token, self.refresh = answer.get("access", ""), answer.get("refresh", "")
        self.shared.passwords[self.name] = self.password
        self.shared.tokens[self.name] = [self.token, self.refresh]
        return bool(self.token)

    def log_out(self) -> bool:
        """Log out; return whether the site ended the session."""
        values = {"refresh": self.refresh}
        done = self.write(LOG_OUT, "POST", "/api/v1/auth/logout/", values, expect=(204,))
        self.token = self.refresh = ""
        self.shared.tokens.pop(self.name, None)
        return done is not None

    def session(self) -> bool:
        """Ask who one is: what the site knows behind the token, and nothing else."""
        answer = self.call(SESSION, "GET", "/api/v1/me/")
        me: Any = decoded(answer.body) if not answer.cause else None
        right = isinstance(me, dict) and me.get("username") == self.name
        return self.count(SESSION, answer, "" if right else f"{response_checks.WRONG}person")

    def feed(self) -> bool:
        """Read the newest page of the feed."""
        return self._page(FEED, "/api/v1/feed/", before=0)

    def next_page(self) -> bool:
        """Read the page of the feed after the last one that was read, or the newest."""
        if not self.older:
            return self.feed()
        return self._page(NEXT_PAGE, self.older, before=self.last_seen)

    def _page(self, operation: str, path: str, before: int) -> bool:
        answer = self.call(operation, "GET", path)
        page: Any = decoded(answer.body) if not answer.cause else None
        least = self.shown if operation == FEED else 0
        if not self.count(operation, answer, page_fault(page, before=before, least=least)):
            return False
        cards = page["results"]
        self.shown = max(least, len(cards))
        self.feed_ids = [card["id"] for card in cards] or self.feed_ids
        self.last_seen = int(self.feed_ids[-1]) if cards else 0
        self.older = path_of(page["next"]) if page["next"] else ""
        self.look_at(cards, newest=operation == FEED)
        return True

    def choose_photo(self) -> str:
        """Draw a photo of the last page, or a popular one."""
        if self.feed_ids and self.dice.random() < FROM_FEED:
            return self.dice.choice(self.feed_ids)
        return self.shared.popular_photo(self.dice)

    def photo(self, photo_id: str = "", *, liked: bool = False) -> bool:
        """Open one photo; a like of this person must show in it."""
        photo_id = photo_id or self.choose_photo()
        answer = self.call(PHOTO, "GET", f"/api/v1/photos/{photo_id}/")
        card: Any = decoded(answer.body) if not answer.cause else None
        fault = photo_fault(card, photo_id)
        if not fault and not card["liked"] and (liked or photo_id in self.liked):
            fault = response_checks.STALE
        if self.count(PHOTO, answer, fault):
            self.shared.pictures[photo_id] = path_of(card["sources"][0]["url"])
            self.look_at([card])
            return True
        return False

    def picture(self) -> bool:
        """Fetch the bytes of a picture."""
        photo_id = self.shared.popular_photo(self.dice)
        path = self.shared.pictures.get(photo_id)
        if path is None:
            return self.photo(photo_id)
        answer = self.call(PICTURE, "GET", path)
        fault = "" if answer.body[8:12] == b"WEBP" else f"{response_checks.WRONG}no WebP"
        return self.count(PICTURE, answer, fault)

    def like(self) -> bool:
        """Like a photo, and see the like in the next read."""
        photo_id = self.choose_photo()
        answer = self.write(LIKE, "PUT", f"/api/v1/photos/{photo_id}/like/", None)
        if answer is None:
            return False
        self.liked.add(photo_id)
        self.shared.history.likes.add((self.name, photo_id))
        return self.photo(photo_id, liked=True) if self.shared.load.look_again else True

    def follow(self) -> bool:
        """Follow a person of the data set."""
        name = f"user{self.dice.randint(1, max(2, self.shared.load.people))}"
        if name == self.name:
            name = f"user{1 + int(self.name[4:]) % max(2, self.shared.load.people)}"
        answer = self.write(FOLLOW, "PUT", f"/api/v1/users/{name}/follow/", None)
        if answer is not None:
            self.shared.history.follows.add((self.name, name))
        return answer is not None

    def comment(self) -> bool:
        """Comment on a photo, with a text that no other comment has."""
        photo_id = self.choose_photo()
        text = f"Lovely {self.shared.mark} {self.number} {self.dice.getrandbits(48)}"
        path = f"/api/v1/photos/{photo_id}/comments/"
        answer = self.write(COMMENT, "POST", path, {"text": text}, expect=(201,))
        if answer is not None:
            self.shared.history.comments[self.name, photo_id, text] = str(answer.get("id"))
        return answer is not None

    def upload(self) -> bool:
        """Publish a real JPEG."""
        caption = f"Lab {self.shared.mark} {self.number} {self.dice.getrandbits(48)}"
        body = self.shared.upload_body(caption)
        content = self.send(
            UPLOAD,
            "POST",
            "/api/v1/photos/",
            body=body,
            content_type=MULTIPART,
            expect=(201, 202),
            key=self._key(),
        )
        if content is not None:
            self.shared.history.photos[self.name, caption] = str(content.get("id"))
        return content is not None


class ClosedLoopUser(SimulatedUser):
    """A person in a closed loop: waits for each answer, thinks, goes on."""

    @task
    def live(self) -> None:
        """Arrive, and act until the run is over."""
        self.arrive()
        self.shared.arrived += 1
        self.begin()

    def begin(self) -> None:
        """Draw operations by their weights until the run is over."""
        mix = self.shared.load.mix
        names, weights = list(mix), list(mix.values())
        # People begin at different moments.
        self.think(self.dice.random() * self.shared.load.think)
        while True:
            self.do(self.dice.choices(names, weights)[0])
            self.think(self.dice.expovariate(1) * self.shared.load.think)

    def think(self, seconds: float) -> None:
        """Wait for so many seconds (five mean thinking times at most).

        Raises ``StopUser`` once the run is over.
        """
        self.stop_if_over()
        self.shared.end.wait(min(seconds, 5 * self.shared.load.think))
        self.stop_if_over()


class JourneyUser(ClosedLoopUser):
    """A closed loop of the nine operations of a new person, each time as another person."""

    def arrive(self) -> None:
        """Do nothing yet: registering is the first of the nine."""

    def begin(self) -> None:
        """Repeat the whole visit, beginning at different moments."""
        self.think(self.dice.random() * 2 * self.shared.load.think)
        while True:
            for operation in NINE:
                done = self.do(operation)
                self.think(self.dice.expovariate(1) * self.shared.load.think)
                if operation == REGISTER and not done:
                    break


class OpenLoopUser(SimulatedUser):
    """Serves arrivals from a queue shared by all, each at or after its intended moment."""

    arrivals: Any  # a gevent queue of (intended moment, operation)

    @task
    def live(self) -> None:
        """Arrive, and serve arrivals until the run is over."""
        self.arrive()
        self.shared.arrived += 1
        self.serve()

    def serve(self) -> None:
        """Serve arrivals until an empty one; raises ``StopUser`` then, which ends a Locust user."""
        while True:
            intended, operation = self.arrivals.get()
            if not operation:
                raise StopUser
            if not self.token:
                self.log_in()
            # The first request of the act is timed from when it was meant to be sent.
            self.intended = intended
            self.acts[operation]()
            self.intended = 0.0
