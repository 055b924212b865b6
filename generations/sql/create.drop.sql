DROP FUNCTION generations_create(
    uuid, uuid, uuid, text, bytea, uuid, uuid, bigint, uuid, jsonb, text, uuid[], text, text, jsonb, uuid, uuid);
