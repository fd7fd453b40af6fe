// A small photo service as somebody would write it who wants few CPU cycles for each request: one
// prepared statement for a feed, a photo or a like, and schemas that make the JSON. With
// REDIS_SOCKET a whole feed is kept in Redis for five seconds and may be as old as that.
//
// PORT, WORKERS, JWT_SECRET and libpq's PG… variables configure it.
import cluster from "node:cluster";
import process from "node:process";
import { createVerifier } from "fast-jwt";
import fastify from "fastify";
import { Redis } from "ioredis";
import pg from "pg";

const WORKERS = Number(process.env.WORKERS);
const PAGE = 20;
const KEPT_SECONDS = 5;
const CONNECTIONS = 16;
const LAST_ID = "9223372036854775807";

const COLUMNS = `
  p.id, p.caption, p.alt_text, p.width, p.height, p.file, p.like_count, p.created_at,
  a.id AS author_id, a.username, a.display_name,
  EXISTS (SELECT FROM photo_like l WHERE l.photo_id = p.id AND l.person_id = $1) AS liked`;
const FEED = {
  name: "feed",
  text: `SELECT ${COLUMNS} FROM photo p JOIN person a ON a.id = p.author_id
    WHERE p.id < $2
      AND p.author_id = ANY (ARRAY(SELECT followee_id FROM follow WHERE follower_id = $1))
    ORDER BY p.id DESC LIMIT ${PAGE}`,
};
const PHOTO = {
  name: "photo",
  text: `SELECT ${COLUMNS} FROM photo p JOIN person a ON a.id = p.author_id WHERE p.id = $2`,
};
const LIKE = {
  name: "like",
  text: `WITH made AS (
      INSERT INTO photo_like (photo_id, person_id) VALUES ($2, $1)
      ON CONFLICT DO NOTHING RETURNING 1
    )
    UPDATE photo SET like_count = like_count + 1
    WHERE id = $2 AND EXISTS (SELECT FROM made)`,
};
const UNLIKE = {
  name: "unlike",
  text: `WITH gone AS (
      DELETE FROM photo_like WHERE photo_id = $2 AND person_id = $1 RETURNING 1
    )
    UPDATE photo SET like_count = like_count - 1
    WHERE id = $2 AND EXISTS (SELECT FROM gone)`,
};

const TEXT = { type: "string" };
const NUMBER = { type: "integer" };
const AUTHOR = {
  type: "object",
  properties: { id: TEXT, username: TEXT, display_name: TEXT },
};
const PHOTO_SHAPE = {
  type: "object",
  properties: {
    id: TEXT,
    author: AUTHOR,
    caption: TEXT,
    alt_text: TEXT,
    width: NUMBER,
    height: NUMBER,
    picture: TEXT,
    like_count: NUMBER,
    liked: { type: "boolean" },
    created_at: { type: "string", format: "date-time" },
  },
};
const FEED_SHAPE = {
  type: "object",
  properties: {
    results: { type: "array", items: PHOTO_SHAPE },
    next: { type: ["string", "null"] },
  },
};

/** Returns a row of the database as the photo that clients get. */
function photoOf(row) {
  return {
    id: row.id,
    author: { id: row.author_id, username: row.username, display_name: row.display_name },
    caption: row.caption,
    alt_text: row.alt_text,
    width: row.width,
    height: row.height,
    picture: `/pictures/${row.file}`,
    like_count: row.like_count,
    liked: row.liked,
    created_at: row.created_at,
  };
}

/** Returns a page of a person's feed from the database. */
async function feedPage(pool, person, before) {
  const { rows } = await pool.query({ ...FEED, values: [person, before] });
  const next = rows.length === PAGE ? rows[PAGE - 1].id : null;
  return { results: rows.map(photoOf), next };
}

/** Returns the first page of a person's feed as JSON, at most five seconds old. */
async function keptFeed(pool, redis, person) {
  const key = `feed:${person}`;
  const kept = await redis.get(key);
  if (kept !== null) return kept;
  const made = JSON.stringify(await feedPage(pool, person, LAST_ID));
  await redis.set(key, made, "EX", KEPT_SECONDS);
  return made;
}

/** Answers requests on PORT until the process ends. */
async function serve() {
  const pool = new pg.Pool({ max: Math.ceil(CONNECTIONS / WORKERS) });
  const redis = process.env.REDIS_SOCKET ? new Redis(process.env.REDIS_SOCKET) : null;
  const verify = createVerifier({
    key: process.env.JWT_SECRET,
    algorithms: ["HS256"],
    cache: 2000,
  });
  const app = fastify({ logger: false });
  app.decorateRequest("person", null);
  app.addHook("onRequest", (request, reply, done) => {
    try {
      request.person = verify((request.headers.authorization ?? "").slice("Bearer ".length)).id;
    } catch {
      reply.code(401).send({ error: "unauthorized" });
      return;
    }
    done();
  });
  app.get("/feed", { schema: { response: { 200: FEED_SHAPE } } }, (request, reply) => {
    if (redis === null || request.query.before) {
      return feedPage(pool, request.person, request.query.before ?? LAST_ID);
    }
    reply.type("application/json; charset=utf-8").serializer((text) => text);
    return keptFeed(pool, redis, request.person);
  });
  app.get("/photos/:id", { schema: { response: { 200: PHOTO_SHAPE } } }, async (request, reply) => {
    const values = [request.person, request.params.id];
    const { rows } = await pool.query({ ...PHOTO, values });
    return rows.length ? photoOf(rows[0]) : reply.code(404).send({ error: "not found" });
  });
  for (const [method, statement] of [["PUT", LIKE], ["DELETE", UNLIKE]]) {
    app.route({
      method,
      url: "/photos/:id/like",
      handler: async (request, reply) => {
        await pool.query({ ...statement, values: [request.person, request.params.id] });
        return reply.code(204).send();
      },
    });
  }
  await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
}

if (cluster.isPrimary) {
  for (let number = 0; number < WORKERS; number++) cluster.fork();
} else {
  await serve();
}
