// A member of staff begins to look at an account: in this tab alone, until it is closed or the time is over.

import { $ } from "./dom.js";
import { beginView } from "./session.js";

const { token, until, name, back } = $("#staff-view").dataset;
beginView({ access: token, until: Date.parse(until), name, back });
location.replace("/history");
