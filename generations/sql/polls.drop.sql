DROP FUNCTION generations_due_polls(int);
