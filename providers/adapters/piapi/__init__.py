"""PiAPI: many models behind one task interface, ordered with `POST /api/v1/task` and asked about with `GET`."""
