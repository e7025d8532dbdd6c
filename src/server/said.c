/* said.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Members may stand in any order, so an object is read as a list of members first; what it is, and
 * which members it may have then, is known when it is read.
 */
#include "config.h"

#include "server/weft-report-private.h"
#include "server/weft-said-private.h"

#include "base/weft-nearest-private.h"

#include <string.h>

#define MOST_WORDS 16 /* members that a request has, beside “id” and “do” */

/* ---- what requests have ---------------------------------------------------------------------- */

typedef struct
{
  const char *name;
  const char *needed[3];
  const char *allowed[MOST_WORDS - 3];
} Form;

#define SUBMISSION \
  "graph", "path", "n_bytes", "channel", "format", "name", "workers", "memory_limit", "hold", "keep"

static const Form requests[] = {
  [WEFT_SERVER_SUBMIT] = { "submit", { NULL }, { SUBMISSION } },
  [WEFT_SERVER_EXTEND] = { "extend", { "run" }, { SUBMISSION } },
  [WEFT_SERVER_START] = { "start", { "run" } },
  [WEFT_SERVER_PAUSE] = { "pause", { "run" } },
  [WEFT_SERVER_RESUME] = { "resume", { "run" } },
  [WEFT_SERVER_STEP] = { "step", { "run" } },
  [WEFT_SERVER_STEP_GROUP] = { "step_group", { "run", "group" } },
  [WEFT_SERVER_CANCEL] = { "cancel", { "run" } },
  [WEFT_SERVER_BREAK] = { "break", { "run" }, { "key", "group", "bytes", "error", "clear" } },
  [WEFT_SERVER_SET] = { "set", { "run" }, { "workers", "memory_limit", "delay_ns" } },
  [WEFT_SERVER_RESULT] = { "result", { "run", "key" }, { "form" } },
  [WEFT_DO_PING] = { "ping" },
  [WEFT_DO_RUNS] = { "runs" },
  [WEFT_DO_REPORT] = { "report",
                       { "name" },
                       { "source", "program", "clock", "host", "pid", "can", "notes", "keeps" } },
  [WEFT_DO_FINISH] = { "finish", { NULL }, { "channel", "phase", "summary" } },
  [WEFT_DO_WATCH] = { "watch", { "run" }, { "frames", "progress", "metrics", "from" } },
  [WEFT_DO_UNWATCH] = { "unwatch", { "channel" } },
  [WEFT_DO_SUBSCRIBE] = { "subscribe" },
};

static const Form hello = { "a greeting", { "hello", "versions" }, { "name", "pid", "token" } };

typedef enum
{
  TYPE_TEXT,
  TYPE_NUMBER, /* whole, at least 0 */
  TYPE_FLAG,
  TYPE_OBJECT,
  TYPE_ARRAY,
} Type;

static const char *const type_names[] = {
  [TYPE_TEXT] = "a text",        [TYPE_NUMBER] = "a whole number of at least 0",
  [TYPE_FLAG] = "true or false", [TYPE_OBJECT] = "an object",
  [TYPE_ARRAY] = "an array",
};

static const struct
{
  const char *name;
  Type type;
} types[] = {
  { "bytes", TYPE_NUMBER },        { "can", TYPE_ARRAY },    { "channel", TYPE_NUMBER },
  { "clear", TYPE_FLAG },          { "clock", TYPE_TEXT },   { "delay_ns", TYPE_NUMBER },
  { "error", TYPE_FLAG },          { "form", TYPE_TEXT },    { "format", TYPE_TEXT },
  { "frames", TYPE_FLAG },         { "from", TYPE_NUMBER },  { "graph", TYPE_OBJECT },
  { "group", TYPE_TEXT },          { "hello", TYPE_TEXT },   { "hold", TYPE_FLAG },
  { "host", TYPE_TEXT },           { "keeps", TYPE_FLAG },   { "key", TYPE_TEXT },
  { "memory_limit", TYPE_NUMBER }, { "metrics", TYPE_FLAG }, { "n_bytes", TYPE_NUMBER },
  { "name", TYPE_TEXT },           { "notes", TYPE_ARRAY },  { "path", TYPE_TEXT },
  { "phase", TYPE_TEXT },          { "pid", TYPE_NUMBER },   { "program", TYPE_TEXT },
  { "progress", TYPE_FLAG },       { "run", TYPE_NUMBER },   { "source", TYPE_TEXT },
  { "summary", TYPE_OBJECT },      { "token", TYPE_TEXT },   { "versions", TYPE_ARRAY },
  { "workers", TYPE_NUMBER },
};

const char *
_weft_said_verb_name (int what)
{
  return requests[what].name;
}

/* ---- reading members ------------------------------------------------------------------------- */

void
_weft_said_free (WeftSaid *said)
{
  if (said == NULL)
    return;
  for (uint32_t i = 0; i < said->n_members; i++)
    {
      g_free (said->members[i].name);
      g_free (said->members[i].json);
      g_free (said->members[i].text);
    }
  g_clear_pointer (&said->bytes, g_bytes_unref);
  g_free (said);
}

const WeftSaidMember *
_weft_said_get (const WeftSaid *said, const char *name)
{
  for (uint32_t i = 0; i < said->n_members; i++)
    if (strcmp (said->members[i].name, name) == 0)
      return &said->members[i];
  return NULL;
}

const char *
_weft_said_id (const WeftSaid *said)
{
  const WeftSaidMember *id = _weft_said_get (said, "id");

  return id != NULL ? id->json : NULL;
}

static bool
is_deep (WeftJson *json)
{
  if (json->depth <= WEFT_SAID_NESTING)
    return false;
  _weft_json_fail (json, WEFT_GRAPH_ERROR_DEPTH,
                   "found more than %d brackets open at once, "
                   "expected at most that many",
                   WEFT_SAID_NESTING);
  return true;
}

/* The value that comes next. */
static bool
read_value (WeftJson *json, WeftSaid *said, WeftSaidMember *member)
{
  const uint32_t depth = json->depth;
  const char *start;
  size_t n_chars;

  member->token = _weft_json_next (json);
  start = json->bytes + json->where.offset;
  if (member->token == WEFT_JSON_STRING)
    member->text = g_strndup (json->chars, json->n_chars);
  if (member->token == WEFT_JSON_STRING && strlen (member->text) != json->n_chars)
    return _weft_json_fail (json, WEFT_GRAPH_ERROR_FORMAT,
                            "found a text with a zero byte, expected one without");
  member->number = member->token == WEFT_JSON_INT64 ? json->i : 0;
  while (json->depth > depth || json->token == WEFT_JSON_NAME)
    if (is_deep (json) || _weft_json_next (json) == WEFT_JSON_ERROR)
      return false;
  n_chars = (size_t) (json->at - start);
  if (member->token == WEFT_JSON_BEGIN_OBJECT && strcmp (member->name, "graph") == 0)
    said->bytes = g_bytes_new (start, n_chars);
  else
    member->json = g_strndup (start, n_chars);
  return json->error == NULL;
}

static bool
read_member (WeftJson *json, WeftSaid *said)
{
  WeftSaidMember *member = &said->members[said->n_members];
  g_autofree char *name = g_strndup (json->chars, json->n_chars);

  if (_weft_said_get (said, name) != NULL)
    return _weft_json_fail (json, WEFT_GRAPH_ERROR_DUPLICATE,
                            "found the member “%s” a second time in the same object, expected "
                            "each once",
                            name);
  if (said->n_members == WEFT_SAID_MEMBERS)
    return _weft_json_fail (json, WEFT_GRAPH_ERROR_FORMAT,
                            "found more than %d members, expected fewer", WEFT_SAID_MEMBERS);
  member->name = g_steal_pointer (&name);
  said->n_members++;
  return read_value (json, said, member);
}

static bool
read_members (WeftJson *json, WeftSaid *said)
{
  if (!_weft_json_expect (json, WEFT_JSON_BEGIN_OBJECT, "an object"))
    return false;
  while (_weft_json_next_name (json))
    if (!read_member (json, said))
      return false;
  return json->error == NULL && _weft_json_expect (json, WEFT_JSON_END, "the object's end");
}

/* ---- checking -------------------------------------------------------------------------------- */

/* Names that an object of the form may have. */
static uint32_t
all_names (const Form *form, const char **names)
{
  uint32_t n = 0;

  if (form != &hello)
    {
      names[n++] = "id";
      names[n++] = "do";
    }
  for (size_t i = 0; i < G_N_ELEMENTS (form->needed) && form->needed[i] != NULL; i++)
    names[n++] = form->needed[i];
  for (size_t i = 0; i < G_N_ELEMENTS (form->allowed) && form->allowed[i] != NULL; i++)
    names[n++] = form->allowed[i];
  names[n] = NULL;
  return n;
}

/* @set: has the whole choice, for those who came nowhere near. */
static char *
suggest (const char *found, const char *const *names, uint32_t n_names)
{
  WeftNearest nearest;
  g_autofree char *all = NULL;

  _weft_nearest_init (&nearest, found, strlen (found));
  for (uint32_t i = 0; i < n_names; i++)
    _weft_nearest_offer (&nearest, names[i], strlen (names[i]), i);
  if (nearest.best != WEFT_NONE)
    return g_strdup_printf ("did you mean “%s”?", names[nearest.best]);
  all = g_strjoinv (", ", (char **) names);
  return g_strdup_printf ("there are: %s", all);
}

static bool
has_type (const WeftSaidMember *member, Type type)
{
  switch (type)
    {
    case TYPE_TEXT:
      return member->token == WEFT_JSON_STRING;
    case TYPE_NUMBER:
      return member->token == WEFT_JSON_INT64 && member->number >= 0;
    case TYPE_FLAG:
      return member->token == WEFT_JSON_TRUE || member->token == WEFT_JSON_FALSE;
    case TYPE_OBJECT:
      return member->token == WEFT_JSON_BEGIN_OBJECT;
    default:
      return member->token == WEFT_JSON_BEGIN_ARRAY;
    }
}

static bool
check_type (const WeftSaidMember *member, WeftFault *fault)
{
  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    if (strcmp (types[i].name, member->name) == 0 && !has_type (member, types[i].type))
      {
        _weft_fault_set (fault, WEFT_SERVER_REFUSE_REQUEST, member->name, NULL,
                         "“%s” has %.60s, expected %s", member->name,
                         member->json != NULL ? member->json : "an object",
                         type_names[types[i].type]);
        return false;
      }
  return true;
}

static bool
check_form (const WeftSaid *said, const Form *form, WeftFault *fault)
{
  const char *names[MOST_WORDS + 3];
  uint32_t n_names = all_names (form, names);

  for (uint32_t i = 0; i < said->n_members; i++)
    {
      const WeftSaidMember *member = &said->members[i];
      g_autofree char *mend = NULL;

      if (g_strv_contains (names, member->name))
        {
          if (!check_type (member, fault))
            return false;
          continue;
        }
      mend = suggest (member->name, names, n_names);
      _weft_fault_set (fault, WEFT_SERVER_REFUSE_REQUEST, member->name, mend,
                       "found the member “%.60s”, which “%s” does not have", member->name,
                       form->name);
      return false;
    }
  for (size_t i = 0; i < G_N_ELEMENTS (form->needed) && form->needed[i] != NULL; i++)
    if (_weft_said_get (said, form->needed[i]) == NULL)
      {
        _weft_fault_set (fault, WEFT_SERVER_REFUSE_REQUEST, form->needed[i], NULL,
                         "found no “%s” in “%s”, expected one", form->needed[i], form->name);
        return false;
      }
  return true;
}

/* Exactly one of these. */
static bool
check_choice (const WeftSaid *said, const char *const *names, WeftFault *fault)
{
  uint32_t n = 0;
  g_autofree char *all = g_strjoinv (", ", (char **) names);

  for (uint32_t i = 0; names[i] != NULL; i++)
    n += _weft_said_get (said, names[i]) != NULL;
  if (n == 1)
    return true;
  _weft_fault_set (fault, WEFT_SERVER_REFUSE_REQUEST, names[0], NULL,
                   "found %u of %s in “%s”, expected one of them", n, all,
                   requests[said->what].name);
  return false;
}

static bool
check_choices (const WeftSaid *said, WeftFault *fault)
{
  static const char *const graphs[] = { "graph", "path", "n_bytes", NULL };
  static const char *const breaks[] = { "key", "group", "bytes", "error", NULL };
  static const char *const settings[] = { "workers", "memory_limit", "delay_ns", NULL };

  switch (said->what)
    {
    case WEFT_SERVER_SUBMIT:
    case WEFT_SERVER_EXTEND:
      return check_choice (said, graphs, fault);
    case WEFT_SERVER_BREAK:
      return check_choice (said, breaks, fault);
    case WEFT_SERVER_SET:
      for (uint32_t i = 0; settings[i] != NULL; i++)
        if (_weft_said_get (said, settings[i]) != NULL)
          return true;
      return check_choice (said, settings, fault);
    default:
      return true;
    }
}

static bool
find_request (const char *name, int *what, WeftFault *fault)
{
  const char *names[G_N_ELEMENTS (requests) + 1] = { NULL };
  g_autofree char *mend = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      names[i] = requests[i].name;
      if (strcmp (names[i], name) == 0)
        {
          *what = (int) i;
          return true;
        }
    }
  mend = suggest (name, names, G_N_ELEMENTS (requests));
  _weft_fault_set (fault, WEFT_SERVER_REFUSE_REQUEST, "do", mend,
                   "found the request “%.60s”, which there is not", name);
  return false;
}

static bool
check_request (WeftSaid *said, const WeftSaidMember *what, WeftFault *fault)
{
  const WeftSaidMember *id = _weft_said_get (said, "id");

  if (id != NULL && id->token != WEFT_JSON_INT64 && id->token != WEFT_JSON_STRING)
    {
      _weft_fault_set (fault, WEFT_SERVER_REFUSE_REQUEST, "id", NULL,
                       "“id” has %.60s, expected a whole number or a text", id->json);
      return false;
    }
  if (what->token != WEFT_JSON_STRING)
    {
      _weft_fault_set (fault, WEFT_SERVER_REFUSE_REQUEST, "do", NULL,
                       "“do” has %.60s, expected the request's name", what->json);
      return false;
    }
  return find_request (what->text, &said->what, fault)
         && check_form (said, &requests[said->what], fault) && check_choices (said, fault);
}

static bool
check (WeftSaid *said, WeftFault *fault)
{
  const WeftSaidMember *what = _weft_said_get (said, "do");

  if (what != NULL)
    return check_request (said, what, fault);
  if (_weft_said_get (said, "hello") != NULL)
    {
      said->kind = WEFT_SAID_HELLO;
      return check_form (said, &hello, fault);
    }
  said->kind = _weft_said_get (said, "e") != NULL ? WEFT_SAID_EVENT : WEFT_SAID_ANSWER;
  if (said->kind == WEFT_SAID_EVENT
      || (_weft_said_get (said, "id") != NULL
          && (_weft_said_get (said, "ok") != NULL || _weft_said_get (said, "error") != NULL)))
    return true;
  _weft_fault_set (fault, WEFT_SERVER_REFUSE_REQUEST, "do", NULL,
                   "found an object without “do”, expected a request");
  return false;
}

/* ---- all ------------------------------------------------------------------------------------- */

static void
set_unread (WeftFault *fault, const WeftJson *json, uint64_t offset)
{
  int code = WEFT_SERVER_REFUSE_REQUEST;

  if (json->error->code == WEFT_GRAPH_ERROR_DEPTH)
    code = WEFT_SERVER_REFUSE_LIMIT;
  else if (json->error->code <= WEFT_GRAPH_ERROR_UTF8)
    code = WEFT_FAULT_MALFORMED;
  _weft_fault_set (fault, code, NULL, NULL, "%s", json->error->message);
  fault->offset = offset;
}

WeftSaid *
_weft_said_parse (const char *chars, size_t n_chars, uint64_t offset, WeftFault *fault,
                  char **id_json)
{
  WeftSaid *said = g_new0 (WeftSaid, 1);
  const WeftSaidMember *id;
  WeftJson json;
  bool ok;

  _weft_json_init (&json, chars, n_chars, "message");
  ok = read_members (&json, said);
  if (!ok)
    set_unread (fault, &json, offset);
  _weft_json_clear (&json);
  ok = ok && check (said, fault);
  if (ok)
    return said;
  id = _weft_said_get (said, "id");
  if (id != NULL && (id->token == WEFT_JSON_INT64 || id->token == WEFT_JSON_STRING))
    *id_json = g_strdup (id->json);
  _weft_said_free (said);
  return NULL;
}

/* ---- getting at it --------------------------------------------------------------------------- */

const char *
_weft_said_text (const WeftSaid *said, const char *name)
{
  const WeftSaidMember *member = _weft_said_get (said, name);

  return member != NULL ? member->text : NULL;
}

bool
_weft_said_check_name (const WeftSaid *said, const char *name, WeftFault *fault)
{
  const char *text = _weft_said_text (said, name);
  size_t n_bytes = text != NULL ? strlen (text) : 0;

  if (n_bytes <= WEFT_REPORT_MOST_NAME_BYTES)
    return true;
  _weft_fault_set (fault, WEFT_SERVER_REFUSE_LIMIT, name, NULL,
                   "“%s” has %zu bytes, above %u, the limit name_bytes", name, n_bytes,
                   WEFT_REPORT_MOST_NAME_BYTES);
  return false;
}

bool
_weft_said_number (const WeftSaid *said, const char *name, int64_t *value)
{
  const WeftSaidMember *member = _weft_said_get (said, name);

  if (member == NULL || member->token != WEFT_JSON_INT64)
    return false;
  *value = member->number;
  return true;
}

bool
_weft_said_flag (const WeftSaid *said, const char *name)
{
  const WeftSaidMember *member = _weft_said_get (said, name);

  return member != NULL && member->token == WEFT_JSON_TRUE;
}

bool
_weft_said_has_number (const WeftSaid *said, const char *name, int64_t number)
{
  const WeftSaidMember *member = _weft_said_get (said, name);
  WeftJson json;
  bool has = false;

  if (member == NULL || member->json == NULL)
    return false;
  _weft_json_init (&json, member->json, strlen (member->json), name);
  _weft_json_next (&json);
  while (!has && _weft_json_next (&json) != WEFT_JSON_ERROR && json.token != WEFT_JSON_END)
    has = json.token == WEFT_JSON_INT64 && json.i == number;
  _weft_json_clear (&json);
  return has;
}

bool
_weft_said_has_texts (const WeftSaid *said, const char *name)
{
  const WeftSaidMember *member = _weft_said_get (said, name);
  WeftJson json;
  bool texts = true;

  if (member == NULL)
    return true;
  _weft_json_init (&json, member->json, strlen (member->json), name);
  _weft_json_next (&json);
  while (texts && _weft_json_next_item (&json))
    texts = json.token == WEFT_JSON_STRING;
  _weft_json_clear (&json);
  return texts;
}

/* The bit of the verb just read; 0: none. */
static uint32_t
verb_bit (const WeftJson *json)
{
  for (uint32_t verb = 0; json->token == WEFT_JSON_STRING && verb < WEFT_SERVER_N_VERBS; verb++)
    if (_weft_json_is (json, requests[verb].name))
      return WEFT_SERVER_CAN (verb);
  return 0;
}

uint32_t
_weft_said_verbs (const WeftSaid *said, const char *name, char **unknown)
{
  const WeftSaidMember *member = _weft_said_get (said, name);
  WeftJson json;
  uint32_t verbs = 0;

  if (member == NULL || member->json == NULL)
    return 0;
  _weft_json_init (&json, member->json, strlen (member->json), name);
  _weft_json_next (&json);
  while (_weft_json_next_item (&json))
    {
      uint32_t bit = verb_bit (&json);

      if (bit == 0 && *unknown == NULL)
        *unknown = _weft_json_describe (&json);
      verbs |= bit;
    }
  _weft_json_clear (&json);
  return verbs;
}
