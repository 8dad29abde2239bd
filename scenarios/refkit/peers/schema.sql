-- What squall-target would make for itself: all services find the same tables and rows.
CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL UNIQUE, password text NOT NULL);
CREATE TABLE meals (
    user_id bigint NOT NULL REFERENCES users (id),
    day int NOT NULL,
    name text NOT NULL,
    calories int NOT NULL,
    PRIMARY KEY (user_id, day)
);
INSERT INTO users SELECT number, 'user' || number, 'correct horse' FROM generate_series(0, 999) AS number;
INSERT INTO meals SELECT id, day, 'meal ' || (id * 7 + day) % 50, 400 + (id * 31 + day * 17) % 500
    FROM users, generate_series(1, 7) AS day;
ANALYZE;
