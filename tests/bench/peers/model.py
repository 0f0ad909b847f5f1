"""The model that Identity and all peers have: 100 users, 10 roles, and for each user one role in one organisation.

A role may read and write documents of its own kind. Each question is whether a user may read such a document two levels
below the organisation, as minting.cc asks it.
"""

import dataclasses

import seed

USERS = range(1, 101)
ROLES = range(10)
ACTIONS = ("read", "write")
OTHER = 1  # as a distance: the next role, the next organisation
BATCH = 50  # questions in a batch: as many as Cerbos and OpenFGA take, as shipped
STEP = 10  # users, from one batch to the next
LISTING_USERS = range(1, 11)  # the users who ask for many documents. Each role belongs to one of them.


def user_id(number):
    """The id that Identity gives to a user: seed.user() in Python."""
    return f"01900000-0000-7000-8000-{number:012x}"


@dataclasses.dataclass(frozen=True)
class Question:
    user: int
    role: int  # whose permission is asked for
    org: int
    number: int = 1  # of the document

    @property
    def name(self):
        return f"user-{self.user}"

    @property
    def document(self):
        return f"orgs/o{self.org}/projects/p0/docs/d{self.number}"


@dataclasses.dataclass(frozen=True)
class Batches:
    """Lists of questions that a server must allow, and lists that it must deny."""
    title: str
    allowed: list
    denied: list


def role_of(user):
    return user * 7 % len(ROLES)


def allowed():
    """One question for each user."""
    return [Question(user, role_of(user), user) for user in USERS]


def denied():
    """Questions for a permission that the user has not, and for an organisation in which the user has no role."""
    return [question for user in USERS for question in (
        Question(user, (role_of(user) + OTHER) % len(ROLES), user),
        Question(user, role_of(user), user % len(USERS) + OTHER))]


def of_many_users():
    """Each batch has one question of each of 50 users, each for another organisation."""
    granted, refused = allowed(), denied()
    return Batches(f"batch of {BATCH}: {BATCH} users",
                   [[*granted[first:], *granted[:first]][:BATCH] for first in range(0, len(USERS), STEP)],
                   [refused[first:first + BATCH] for first in range(0, len(refused), BATCH)])


def of_one_user():
    """Each batch has a user's questions for 50 documents, as an application asks before it lists them."""
    def for_documents(questions):
        return [[dataclasses.replace(question, number=number) for number in range(1, BATCH + 1)]
                for question in questions if question.user in LISTING_USERS]

    return Batches(f"batch of {BATCH}: one user", for_documents(allowed()), for_documents(denied()))


def database(context):
    """The database of Identity: of each user's bindings, only the one with the role above stays."""
    name = context.databases.get(users=len(USERS), roles=len(ROLES), name="_peers")
    context.bench.cluster.execute(
        name, f"DELETE FROM bindings WHERE principal_id IN (SELECT {seed.user()} FROM "
        f"generate_series(1, {len(USERS)}) AS i) AND resource NOT LIKE 'orgs/%/projects/p0'; "
        "UPDATE bindings SET resource = split_part(resource, '/projects/', 1) WHERE resource LIKE 'orgs/%/projects/p0'")
    return name
