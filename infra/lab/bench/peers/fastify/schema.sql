-- What the Fastify service needs of a photo site. Ids are MiniGram's, which are ordered by time.
CREATE TABLE person (
    id bigint PRIMARY KEY,
    username text NOT NULL UNIQUE,
    display_name text NOT NULL
);
CREATE TABLE photo (
    id bigint PRIMARY KEY,
    author_id bigint NOT NULL REFERENCES person,
    caption text NOT NULL,
    alt_text text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    file text NOT NULL,
    like_count integer NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX photo_by_author ON photo (author_id, id DESC);
CREATE TABLE follow (
    follower_id bigint NOT NULL REFERENCES person,
    followee_id bigint NOT NULL REFERENCES person,
    PRIMARY KEY (follower_id, followee_id)
);
CREATE TABLE photo_like (
    photo_id bigint NOT NULL REFERENCES photo,
    person_id bigint NOT NULL REFERENCES person,
    PRIMARY KEY (photo_id, person_id)
);
