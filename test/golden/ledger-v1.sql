-- A ledger as the program of its time wrote it, all of it. Made once, never again: old files do not change.
PRAGMA user_version = 1;
CREATE TABLE fact (
  seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, unit TEXT, job TEXT, wave TEXT, operator TEXT, body TEXT NOT NULL
) STRICT;
CREATE TABLE unit (uid TEXT PRIMARY KEY, is_here INTEGER NOT NULL, product TEXT, last_at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE alias (kind TEXT NOT NULL, value TEXT NOT NULL, unit TEXT NOT NULL, PRIMARY KEY (kind, value)) STRICT, WITHOUT ROWID;
CREATE TABLE job (
  uid TEXT PRIMARY KEY, unit TEXT NOT NULL, stage TEXT NOT NULL, outcome TEXT, account TEXT NOT NULL, product TEXT NOT NULL, wave TEXT,
  token TEXT, closed_at INTEGER, body TEXT NOT NULL
) STRICT;
CREATE TABLE seat (
  job TEXT PRIMARY KEY, account TEXT NOT NULL, product TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('reserved', 'spent', 'returned')), at INTEGER NOT NULL
) STRICT;
CREATE TABLE wave (uid TEXT PRIMARY KEY, state TEXT NOT NULL, opened_at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE token (uid TEXT PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, sealed BLOB NOT NULL, issued_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, seats INTEGER NOT NULL) STRICT;
CREATE TABLE destination (name TEXT PRIMARY KEY, acked INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE TABLE aside (destination TEXT NOT NULL, seq INTEGER NOT NULL, fault TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (destination, seq)) STRICT;
CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE lease (
  ip TEXT PRIMARY KEY, state TEXT NOT NULL CHECK (state IN ('bound', 'released', 'declined')), client TEXT, mac TEXT, client_id TEXT,
  host_name TEXT, vendor_class TEXT, request_list TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE lease_block (first TEXT PRIMARY KEY, opened_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX fact_unit ON fact(unit, seq) WHERE unit IS NOT NULL;
CREATE INDEX unit_here ON unit(uid) WHERE is_here = 1;
CREATE INDEX unit_last ON unit(last_at);
CREATE INDEX alias_value ON alias(value);
CREATE UNIQUE INDEX job_open ON job(unit) WHERE stage <> 'closed';
CREATE INDEX job_unit ON job(unit);
CREATE INDEX job_wave ON job(wave) WHERE wave IS NOT NULL;
CREATE INDEX job_token ON job(token) WHERE token IS NOT NULL;
CREATE INDEX job_closed ON job(closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX seat_account ON seat(account, state, at);
CREATE INDEX seat_product ON seat(product, state, at);
INSERT INTO alias VALUES ('serial', 'SN-001', 'u1');
INSERT INTO alias VALUES ('serial', 'SN-002', 'u2');
INSERT INTO alias VALUES ('serial', 'SN-003', 'u3');
INSERT INTO aside VALUES ('central', 3, '{"code":"sync.refused","context":{"httpStatus":422,"seq":3}}', 1767598200000);
INSERT INTO counter VALUES ('outcome.proven', 1);
INSERT INTO counter VALUES ('outcome.unproven', 1);
INSERT INTO counter VALUES ('units', 3);
INSERT INTO destination VALUES ('central', 12, 1767598200000);
INSERT INTO fact VALUES (1, 1767598200000, 'station.started', NULL, NULL, NULL, NULL, '{"kind":"station.started","version":"0.1.0","mode":"live","publicKey":"abababababababababababababababababababababababababababababababab"}');
INSERT INTO fact VALUES (2, 1767598200000, 'operator.signed', NULL, NULL, NULL, '1001', '{"kind":"operator.signed","operator":"1001"}');
INSERT INTO fact VALUES (3, 1767598200000, 'unit.met', 'u1', NULL, NULL, '1001', '{"kind":"unit.met","method":"wired","by":"lease"}');
INSERT INTO fact VALUES (4, 1767598200000, 'unit.named', 'u1', NULL, NULL, '1001', '{"kind":"unit.named","alias":{"kind":"serial","value":"SN-001"}}');
INSERT INTO fact VALUES (5, 1767598200000, 'unit.known', 'u1', NULL, NULL, '1001', '{"kind":"unit.known","product":"gw3wired00000001","method":"wired"}');
INSERT INTO fact VALUES (6, 1767598200000, 'unit.leased', 'u1', NULL, NULL, '1001', '{"kind":"unit.leased","ip":"10.77.0.21","hostName":"gw","fingerprint":null}');
INSERT INTO fact VALUES (7, 1767598200000, 'job.opened', 'u1', 'j1', NULL, '1001', '{"kind":"job.opened","attempt":1,"method":"wired","wave":null,"account":"house","product":"gw3wired00000001"}');
INSERT INTO fact VALUES (8, 1767598200000, 'seat.reserved', 'u1', 'j1', NULL, '1001', '{"kind":"seat.reserved","account":"house","product":"gw3wired00000001"}');
INSERT INTO fact VALUES (9, 1767598200000, 'seat.spent', 'u1', 'j1', NULL, '1001', '{"kind":"seat.spent","account":"house","product":"gw3wired00000001"}');
INSERT INTO fact VALUES (10, 1767598200000, 'unbind.asked', 'u1', 'j1', NULL, '1001', '{"kind":"unbind.asked","token":"t1"}');
INSERT INTO fact VALUES (11, 1767598200000, 'job.closed', 'u1', 'j1', NULL, '1001', '{"kind":"job.closed","outcome":"proven","grade":"A","fault":null,"provenAt":1767598200000}');
INSERT INTO fact VALUES (12, 1767598200000, 'unit.met', 'u2', NULL, NULL, '1001', '{"kind":"unit.met","method":"wired","by":"lease"}');
INSERT INTO fact VALUES (13, 1767598200000, 'unit.named', 'u2', NULL, NULL, '1001', '{"kind":"unit.named","alias":{"kind":"serial","value":"SN-002"}}');
INSERT INTO fact VALUES (14, 1767598200000, 'unit.known', 'u2', NULL, NULL, '1001', '{"kind":"unit.known","product":"gw3wired00000001","method":"wired"}');
INSERT INTO fact VALUES (15, 1767598200000, 'unit.leased', 'u2', NULL, NULL, '1001', '{"kind":"unit.leased","ip":"10.77.0.22","hostName":"gw","fingerprint":null}');
INSERT INTO fact VALUES (16, 1767598200000, 'job.opened', 'u2', 'j2', NULL, '1001', '{"kind":"job.opened","attempt":1,"method":"wired","wave":null,"account":"house","product":"gw3wired00000001"}');
INSERT INTO fact VALUES (17, 1767598200000, 'seat.reserved', 'u2', 'j2', NULL, '1001', '{"kind":"seat.reserved","account":"house","product":"gw3wired00000001"}');
INSERT INTO fact VALUES (18, 1767598200000, 'seat.spent', 'u2', 'j2', NULL, '1001', '{"kind":"seat.spent","account":"house","product":"gw3wired00000001"}');
INSERT INTO fact VALUES (19, 1767598200000, 'unbind.asked', 'u2', 'j2', NULL, '1001', '{"kind":"unbind.asked","token":"t1"}');
INSERT INTO fact VALUES (20, 1767598200000, 'job.closed', 'u2', 'j2', NULL, '1001', '{"kind":"job.closed","outcome":"unproven","grade":null,"fault":{"code":"unit.silent","context":{}},"provenAt":null}');
INSERT INTO fact VALUES (21, 1767598200000, 'unit.met', 'u3', NULL, NULL, '1001', '{"kind":"unit.met","method":"wired","by":"lease"}');
INSERT INTO fact VALUES (22, 1767598200000, 'unit.named', 'u3', NULL, NULL, '1001', '{"kind":"unit.named","alias":{"kind":"serial","value":"SN-003"}}');
INSERT INTO fact VALUES (23, 1767598200000, 'unit.known', 'u3', NULL, NULL, '1001', '{"kind":"unit.known","product":"gw3wired00000001","method":"wired"}');
INSERT INTO fact VALUES (24, 1767598200000, 'unit.leased', 'u3', NULL, NULL, '1001', '{"kind":"unit.leased","ip":"10.77.0.23","hostName":"cam\ud83d","fingerprint":null}');
INSERT INTO fact VALUES (25, 1767598200000, 'job.opened', 'u3', 'j3', NULL, '1001', '{"kind":"job.opened","attempt":1,"method":"wired","wave":null,"account":"house","product":"gw3wired00000001"}');
INSERT INTO fact VALUES (26, 1767598200000, 'seat.reserved', 'u3', 'j3', NULL, '1001', '{"kind":"seat.reserved","account":"house","product":"gw3wired00000001"}');
INSERT INTO job VALUES ('j1', 'u1', 'closed', 'proven', 'house', 'gw3wired00000001', NULL, 't1', 1767598200000, '{"uid":"j1","unit":"u1","attempt":1,"method":"wired","account":"house","product":"gw3wired00000001","wave":null,"operator":"1001","stage":"closed","stageAt":1767598200000,"openedAt":1767598200000,"resetDoneAt":null,"askedAt":1767598200000,"token":"t1","closedAt":1767598200000,"outcome":"proven","grade":"A","provenAt":1767598200000,"fault":null}');
INSERT INTO job VALUES ('j2', 'u2', 'closed', 'unproven', 'house', 'gw3wired00000001', NULL, 't1', 1767598200000, '{"uid":"j2","unit":"u2","attempt":1,"method":"wired","account":"house","product":"gw3wired00000001","wave":null,"operator":"1001","stage":"closed","stageAt":1767598200000,"openedAt":1767598200000,"resetDoneAt":null,"askedAt":1767598200000,"token":"t1","closedAt":1767598200000,"outcome":"unproven","grade":null,"provenAt":null,"fault":{"code":"unit.silent","context":{}}}');
INSERT INTO job VALUES ('j3', 'u3', 'queued', NULL, 'house', 'gw3wired00000001', NULL, NULL, NULL, '{"uid":"j3","unit":"u3","attempt":1,"method":"wired","account":"house","product":"gw3wired00000001","wave":null,"operator":"1001","stage":"queued","stageAt":1767598200000,"openedAt":1767598200000,"resetDoneAt":null,"askedAt":null,"token":null,"closedAt":null,"outcome":null,"grade":null,"provenAt":null,"fault":null}');
INSERT INTO seat VALUES ('j1', 'house', 'gw3wired00000001', 'spent', 1767598200000);
INSERT INTO seat VALUES ('j2', 'house', 'gw3wired00000001', 'spent', 1767598200000);
INSERT INTO seat VALUES ('j3', 'house', 'gw3wired00000001', 'reserved', 1767598200000);
INSERT INTO setting VALUES ('station', '0199-old-station');
INSERT INTO unit VALUES ('u1', 1, 'gw3wired00000001', 1767598200000, '{"uid":"u1","aliases":[{"kind":"serial","value":"SN-001"}],"product":"gw3wired00000001","method":"wired","lane":null,"ip":"10.77.0.21","hostName":"gw","fingerprint":null,"metAt":1767598200000,"stay":1,"stayAt":1767598200000,"isHere":true,"scannedAt":null,"readiness":null,"evidence":[],"hold":null,"job":"j1","attemptsThisStay":1,"tote":null}');
INSERT INTO unit VALUES ('u2', 1, 'gw3wired00000001', 1767598200000, '{"uid":"u2","aliases":[{"kind":"serial","value":"SN-002"}],"product":"gw3wired00000001","method":"wired","lane":null,"ip":"10.77.0.22","hostName":"gw","fingerprint":null,"metAt":1767598200000,"stay":1,"stayAt":1767598200000,"isHere":true,"scannedAt":null,"readiness":null,"evidence":[],"hold":null,"job":"j2","attemptsThisStay":1,"tote":null}');
INSERT INTO unit VALUES ('u3', 1, 'gw3wired00000001', 1767598200000, '{"uid":"u3","aliases":[{"kind":"serial","value":"SN-003"}],"product":"gw3wired00000001","method":"wired","lane":null,"ip":"10.77.0.23","hostName":"cam\ud83d","fingerprint":null,"metAt":1767598200000,"stay":1,"stayAt":1767598200000,"isHere":true,"scannedAt":null,"readiness":null,"evidence":[],"hold":null,"job":"j3","attemptsThisStay":1,"tote":null}');
