-- A ledger as the program of its time wrote it, all of it. Made once, never again: old files do not change.
PRAGMA user_version = 4;
CREATE TABLE fact (
  seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, unit TEXT, job TEXT, wave TEXT, operator TEXT, body TEXT NOT NULL
, hash BLOB) STRICT;
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
CREATE TABLE destination (name TEXT PRIMARY KEY, acked INTEGER NOT NULL, at INTEGER NOT NULL, head INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE aside (destination TEXT NOT NULL, seq INTEGER NOT NULL, fault TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (destination, seq)) STRICT;
CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE lease (
  ip TEXT PRIMARY KEY, state TEXT NOT NULL CHECK (state IN ('bound', 'released', 'declined')), client TEXT, mac TEXT, client_id TEXT,
  host_name TEXT, vendor_class TEXT, request_list TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE lease_block (first TEXT PRIMARY KEY, opened_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE mark (kind TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID;
CREATE TABLE head (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, hash TEXT NOT NULL, key TEXT NOT NULL, signature TEXT NOT NULL) STRICT;
CREATE TABLE name (id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE) STRICT;
CREATE VIRTUAL TABLE alias_search USING fts5(value, content = 'name', content_rowid = 'id', tokenize = 'trigram', detail = none);
CREATE TABLE pin (badge TEXT PRIMARY KEY, hash TEXT NOT NULL, wrong INTEGER NOT NULL, locks INTEGER NOT NULL, locked_until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE archive (seq_to INTEGER PRIMARY KEY, seq_from INTEGER NOT NULL, file TEXT NOT NULL, hash TEXT NOT NULL, sha256 TEXT NOT NULL) STRICT;
CREATE TABLE lease_rest (first TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX fact_unit ON fact(unit, seq) WHERE unit IS NOT NULL;
CREATE INDEX unit_here ON unit(uid) WHERE is_here = 1;
CREATE INDEX alias_value ON alias(value);
CREATE UNIQUE INDEX job_open ON job(unit) WHERE stage <> 'closed';
CREATE INDEX job_unit ON job(unit);
CREATE INDEX job_wave ON job(wave) WHERE wave IS NOT NULL;
CREATE INDEX job_token ON job(token) WHERE token IS NOT NULL;
CREATE INDEX job_closed ON job(closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX seat_account ON seat(account, state, at);
CREATE INDEX seat_product ON seat(product, state, at);
CREATE INDEX unit_postponed ON unit(uid) WHERE json_extract(body, '$.postponedAt') IS NOT NULL;
CREATE INDEX unit_bound ON unit(uid) WHERE json_extract(body, '$.boundToUs') IS NOT NULL;
CREATE INDEX seat_spent ON seat(at) WHERE state = 'spent';
CREATE INDEX job_outcome ON job(outcome, closed_at) WHERE outcome IS NOT NULL;
CREATE INDEX unit_page ON unit(last_at, uid);
CREATE INDEX job_product ON job(product, closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX job_account ON job(account, closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX job_operator ON job(json_extract(body, '$.operator'), closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX job_reason ON job(json_extract(body, '$.fault.code'), closed_at) WHERE closed_at IS NOT NULL AND json_extract(body, '$.fault.code') IS NOT NULL;
CREATE INDEX unit_held ON unit(json_extract(body, '$.hold.at')) WHERE json_extract(body, '$.hold.at') IS NOT NULL;
CREATE INDEX unit_tote ON unit(json_extract(body, '$.tote')) WHERE json_extract(body, '$.tote') IS NOT NULL;
CREATE INDEX seat_at ON seat(at);
INSERT INTO alias VALUES ('serial', 'SN-001', 'u1');
INSERT INTO alias VALUES ('serial', 'SN-002', 'u2');
INSERT INTO alias VALUES ('serial', 'SN-003', 'u3');
INSERT INTO aside VALUES ('central', 3, '{"code":"sync.refused","context":{"httpStatus":422,"seq":3}}', 1767598200000);
INSERT INTO counter VALUES ('outcome.proven', 1);
INSERT INTO counter VALUES ('outcome.unproven', 1);
INSERT INTO counter VALUES ('proven.gw3wired00000001', 1);
INSERT INTO counter VALUES ('units', 3);
INSERT INTO destination VALUES ('central', 12, 1767598200000, 0);
INSERT INTO fact VALUES (1, 1767598200000, 'station.started', NULL, NULL, NULL, NULL, '{"kind":"station.started","version":"0.1.0","mode":"live","publicKey":"abababababababababababababababababababababababababababababababab"}', x'1cd1c2585dda08a383226e76948af0e66d7a33d8b9cc035fe38c3bdf1ac4be0a');
INSERT INTO fact VALUES (2, 1767598200000, 'operator.signed', NULL, NULL, NULL, '1001', '{"kind":"operator.signed","operator":"1001"}', x'853a967025e20729abf0e8ad76203ee9bbf29efcd34ec8f74df97a3451945c50');
INSERT INTO fact VALUES (3, 1767598200000, 'unit.met', 'u1', NULL, NULL, '1001', '{"kind":"unit.met","method":"wired","by":"lease"}', x'cdab355871b7abd94fbcc44ab3ac7733dc7e1509d1769189e85deb6d2398a57b');
INSERT INTO fact VALUES (4, 1767598200000, 'unit.named', 'u1', NULL, NULL, '1001', '{"kind":"unit.named","alias":{"kind":"serial","value":"SN-001"}}', x'f942b6c09932dea6523b80fb7e95d59467c5d5440ec86643668b7daf130f253a');
INSERT INTO fact VALUES (5, 1767598200000, 'unit.known', 'u1', NULL, NULL, '1001', '{"kind":"unit.known","product":"gw3wired00000001","method":"wired"}', x'5ec3b43136a30908794960968180930a05a4cc7fac783edabbd92187559f8077');
INSERT INTO fact VALUES (6, 1767598200000, 'unit.leased', 'u1', NULL, NULL, '1001', '{"kind":"unit.leased","ip":"10.77.0.21","hostName":"gw","fingerprint":null}', x'a914c1b4e95ca983db098ab70b60bdff87512c582ce1df962aa65eb0087d092e');
INSERT INTO fact VALUES (7, 1767598200000, 'job.opened', 'u1', 'j1', NULL, '1001', '{"kind":"job.opened","attempt":1,"method":"wired","wave":null,"account":"house","product":"gw3wired00000001"}', x'c92e6062eb10df8e7b264b3ab102663822f210c77e5cf66355b385fef2d1a385');
INSERT INTO fact VALUES (8, 1767598200000, 'seat.reserved', 'u1', 'j1', NULL, '1001', '{"kind":"seat.reserved","account":"house","product":"gw3wired00000001"}', x'9abadfc28dff1941264ef78a4c52934eb272c93662cf8115ac7a63023e5e1c2a');
INSERT INTO fact VALUES (9, 1767598200000, 'seat.spent', 'u1', 'j1', NULL, '1001', '{"kind":"seat.spent","account":"house","product":"gw3wired00000001"}', x'4fe076e4db42ac013d8257d25dd4ff805df4330234afeb8954ad4521d62a8b28');
INSERT INTO fact VALUES (10, 1767598200000, 'unbind.asked', 'u1', 'j1', NULL, '1001', '{"kind":"unbind.asked","token":"t1"}', x'a7c271e33ca5f8f6f72c2fcc202cabcf6ffb4e35d6d2aca3a120761ec112769d');
INSERT INTO fact VALUES (11, 1767598200000, 'job.closed', 'u1', 'j1', NULL, '1001', '{"kind":"job.closed","outcome":"proven","grade":"A","fault":null,"provenAt":1767598200000}', x'6a33d5928ed1c607261a1d31c9ec418acc7f9e7906f403ffea109219ca0c44a0');
INSERT INTO fact VALUES (12, 1767598200000, 'unit.met', 'u2', NULL, NULL, '1001', '{"kind":"unit.met","method":"wired","by":"lease"}', x'f54994025beb704c16bf0a2bad6e07b44f9480c895f0d3a5e0868fa2de8597fc');
INSERT INTO fact VALUES (13, 1767598200000, 'unit.named', 'u2', NULL, NULL, '1001', '{"kind":"unit.named","alias":{"kind":"serial","value":"SN-002"}}', x'775f43aae43de325c79e6c4be18d2a41291216ce9cc89a103efacd83e544a0bf');
INSERT INTO fact VALUES (14, 1767598200000, 'unit.known', 'u2', NULL, NULL, '1001', '{"kind":"unit.known","product":"gw3wired00000001","method":"wired"}', x'4450b48450e3f1e58c66cd69ab4b7680ed58cc5a9403cb429e5c69b1f671b7b2');
INSERT INTO fact VALUES (15, 1767598200000, 'unit.leased', 'u2', NULL, NULL, '1001', '{"kind":"unit.leased","ip":"10.77.0.22","hostName":"gw","fingerprint":null}', x'8a546daba780ce284ac8f710515ec940064700ea2d01706be72196ade77a18da');
INSERT INTO fact VALUES (16, 1767598200000, 'job.opened', 'u2', 'j2', NULL, '1001', '{"kind":"job.opened","attempt":1,"method":"wired","wave":null,"account":"house","product":"gw3wired00000001"}', x'f98a79dafd23219162d65fa20fdd2c7c5f3ec63e99f3c4883621205c395f1cc8');
INSERT INTO fact VALUES (17, 1767598200000, 'seat.reserved', 'u2', 'j2', NULL, '1001', '{"kind":"seat.reserved","account":"house","product":"gw3wired00000001"}', x'dd7406d6f4bd01edc947222143f4b4ac11ff0bbe35f634d43e9ad56a5bb15d61');
INSERT INTO fact VALUES (18, 1767598200000, 'seat.spent', 'u2', 'j2', NULL, '1001', '{"kind":"seat.spent","account":"house","product":"gw3wired00000001"}', x'4a89eb67389465c11c173ba4eb3a370582deff57e8b649fedb20fbb282144301');
INSERT INTO fact VALUES (19, 1767598200000, 'unbind.asked', 'u2', 'j2', NULL, '1001', '{"kind":"unbind.asked","token":"t1"}', x'150eb16630a50f7e9fa29514b4109eb296459d2cc37af91a87176b5393a75846');
INSERT INTO fact VALUES (20, 1767598200000, 'job.closed', 'u2', 'j2', NULL, '1001', '{"kind":"job.closed","outcome":"unproven","grade":null,"fault":{"code":"unit.silent","context":{}},"provenAt":null}', x'b3db28c3c5fc81f5ffa1ae22c58b74c0bfc4250569cff5334afe6039f2172f81');
INSERT INTO fact VALUES (21, 1767598200000, 'unit.met', 'u3', NULL, NULL, '1001', '{"kind":"unit.met","method":"wired","by":"lease"}', x'a1a19ad4cb04afe57cb19a437fc3e109e26aebfb39eb1d57a824776cce49fe05');
INSERT INTO fact VALUES (22, 1767598200000, 'unit.named', 'u3', NULL, NULL, '1001', '{"kind":"unit.named","alias":{"kind":"serial","value":"SN-003"}}', x'a133b578d8a33e92d6531d7fbe40c99b03b6c6518645cdc78e62289272238f06');
INSERT INTO fact VALUES (23, 1767598200000, 'unit.known', 'u3', NULL, NULL, '1001', '{"kind":"unit.known","product":"gw3wired00000001","method":"wired"}', x'5439902d045e11fe08af8676c73b696969a49f34ece6afc992b056fc6aabfb82');
INSERT INTO fact VALUES (24, 1767598200000, 'unit.leased', 'u3', NULL, NULL, '1001', '{"kind":"unit.leased","ip":"10.77.0.23","hostName":"cam�","fingerprint":null}', x'f6d18e8e1068dcfce86d5502b20dee6811ca41fd9fab04f278cdd63d8cb17344');
INSERT INTO fact VALUES (25, 1767598200000, 'job.opened', 'u3', 'j3', NULL, '1001', '{"kind":"job.opened","attempt":1,"method":"wired","wave":null,"account":"house","product":"gw3wired00000001"}', x'3a4071b1317ce69a3b508d243dd6c5b843cca83c975410059648817391c76a7d');
INSERT INTO fact VALUES (26, 1767598200000, 'seat.reserved', 'u3', 'j3', NULL, '1001', '{"kind":"seat.reserved","account":"house","product":"gw3wired00000001"}', x'bbc9f71878842bd250eeff124db4ef5cd2dfacaa973825e115ee15bde6c1f032');
INSERT INTO fact VALUES (27, 1767598200000, 'permission.learnt', NULL, NULL, NULL, '1001', '{"kind":"permission.learnt","account":"house","product":"gw3wired00000001","isAllowed":true,"by":"self-test","fault":null}', x'a44ff5db2f0661ed840bab159785a5a85771db13496f8a5b7568bd24265a10db');
INSERT INTO fact VALUES (28, 1767598200000, 'certificate.made', 'u1', 'j1', NULL, NULL, '{"kind":"certificate.made","id":"c1","hash":"abababababababababababababababababababababababababababababababab"}', x'ad0e283fc7996c48247ffe2a6301c966050dc4755cbb9da6309d483d7a13bbd5');
INSERT INTO fact VALUES (29, 1767598200000, 'unit.held', 'u2', NULL, NULL, NULL, '{"kind":"unit.held","hold":{"owner":"1001","reason":"customer","at":1767598200000}}', x'efdbc4557814d625e03f6ea86017264bee271093cfc2e2738079e81a60f0c387');
INSERT INTO fact VALUES (30, 1767598200000, 'unit.stored', 'u2', NULL, NULL, NULL, '{"kind":"unit.stored","tote":"TT:A-12"}', x'463377d9a64f8308a165b527d00788dc9e9e1a46edddb2e985d09e65abd31a0e');
INSERT INTO job VALUES ('j1', 'u1', 'closed', 'proven', 'house', 'gw3wired00000001', NULL, 't1', 1767598200000, '{"uid":"j1","unit":"u1","attempt":1,"method":"wired","account":"house","product":"gw3wired00000001","wave":null,"operator":"1001","stage":"closed","stageAt":1767598200000,"openedAt":1767598200000,"resetDoneAt":null,"askedAt":1767598200000,"token":"t1","closedAt":1767598200000,"outcome":"proven","grade":"A","provenAt":1767598200000,"fault":null}');
INSERT INTO job VALUES ('j2', 'u2', 'closed', 'unproven', 'house', 'gw3wired00000001', NULL, 't1', 1767598200000, '{"uid":"j2","unit":"u2","attempt":1,"method":"wired","account":"house","product":"gw3wired00000001","wave":null,"operator":"1001","stage":"closed","stageAt":1767598200000,"openedAt":1767598200000,"resetDoneAt":null,"askedAt":1767598200000,"token":"t1","closedAt":1767598200000,"outcome":"unproven","grade":null,"provenAt":null,"fault":{"code":"unit.silent","context":{}}}');
INSERT INTO job VALUES ('j3', 'u3', 'queued', NULL, 'house', 'gw3wired00000001', NULL, NULL, NULL, '{"uid":"j3","unit":"u3","attempt":1,"method":"wired","account":"house","product":"gw3wired00000001","wave":null,"operator":"1001","stage":"queued","stageAt":1767598200000,"openedAt":1767598200000,"resetDoneAt":null,"askedAt":null,"token":null,"closedAt":null,"outcome":null,"grade":null,"provenAt":null,"fault":null}');
INSERT INTO mark VALUES ('certificate', 'c1', 1767598200000, '{"unit":"u1","hash":"abababababababababababababababababababababababababababababababab"}');
INSERT INTO mark VALUES ('permission', 'house|gw3wired00000001', 1767598200000, '{"at":1767598200000,"isAllowed":true,"by":"self-test","fault":null}');
INSERT INTO name VALUES (1, 'SN-001');
INSERT INTO name VALUES (2, 'SN-002');
INSERT INTO name VALUES (3, 'SN-003');
INSERT INTO pin VALUES ('9001', 'scrypt$1$ab', 0, 0, 0);
INSERT INTO seat VALUES ('j1', 'house', 'gw3wired00000001', 'spent', 1767598200000);
INSERT INTO seat VALUES ('j2', 'house', 'gw3wired00000001', 'spent', 1767598200000);
INSERT INTO seat VALUES ('j3', 'house', 'gw3wired00000001', 'reserved', 1767598200000);
INSERT INTO setting VALUES ('search.upto', '27');
INSERT INTO setting VALUES ('station', '0199-old-station');
INSERT INTO unit VALUES ('u1', 1, 'gw3wired00000001', 1767598200000, '{"uid":"u1","aliases":[{"kind":"serial","value":"SN-001"}],"product":"gw3wired00000001","method":"wired","lane":null,"ip":"10.77.0.21","hostName":"gw","fingerprint":null,"metAt":1767598200000,"stay":1,"stayAt":1767598200000,"isHere":true,"scannedAt":null,"readiness":null,"evidence":[],"hold":null,"job":"j1","attemptsThisStay":1,"tote":null}');
INSERT INTO unit VALUES ('u2', 1, 'gw3wired00000001', 1767598200000, '{"uid":"u2","aliases":[{"kind":"serial","value":"SN-002"}],"product":"gw3wired00000001","method":"wired","lane":null,"ip":"10.77.0.22","hostName":"gw","fingerprint":null,"metAt":1767598200000,"stay":1,"stayAt":1767598200000,"isHere":true,"scannedAt":null,"readiness":null,"evidence":[],"hold":{"owner":"1001","reason":"customer","at":1767598200000},"job":"j2","attemptsThisStay":1,"tote":"TT:A-12"}');
INSERT INTO unit VALUES ('u3', 1, 'gw3wired00000001', 1767598200000, '{"uid":"u3","aliases":[{"kind":"serial","value":"SN-003"}],"product":"gw3wired00000001","method":"wired","lane":null,"ip":"10.77.0.23","hostName":"cam�","fingerprint":null,"metAt":1767598200000,"stay":1,"stayAt":1767598200000,"isHere":true,"scannedAt":null,"readiness":null,"evidence":[],"hold":null,"job":"j3","attemptsThisStay":1,"tote":null}');
INSERT INTO alias_search (alias_search) VALUES ('rebuild');
