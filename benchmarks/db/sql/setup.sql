-- What the generator keeps for itself, gone when it is done.
create schema bench;
create table bench.size (
    attempts bigint, users bigint, problems bigint, months int, now timestamptz
);
create table bench.outcome (
    id int generated always as identity, model text, kind text, number int, code text,
    status text, points int, max_points int, counts boolean, tests jsonb, first jsonb, details jsonb,
    execution_time numeric(12, 3), memory_usage bigint
);
