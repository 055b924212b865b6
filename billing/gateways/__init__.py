"""Payment systems: one small class each behind one interface. They know orders and money, no user, wallet or token."""
