/* lines.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A line is read whole before any of it is taken, as its members may stand in any order. Texts
 * point into the line; those with escapes are kept aside until it is taken. Lines as nearly all are
 * are read without the scanner.
 */
#include "config.h"

#include "server/weft-lines-private.h"

#include "graph/weft-json-private.h"

#include <string.h>

#define NS_PER_SECOND 1e9
#define MOST_NS INT64_C (9000000000000000000) /* of a time; since 1970: the year 2255 */

_Static_assert(WEFT_REPORT_MOST_SPAN_NS < INT64_MAX - MOST_NS, "ends are below 2^63");

typedef enum
{
  MEMBER_EVENT,
  MEMBER_KEY,
  MEMBER_WORKER,
  MEMBER_THREAD,
  MEMBER_START,
  MEMBER_DURATION,
  MEMBER_TIME,
  MEMBER_BYTES,
  MEMBER_GROUP,
  MEMBER_INPUTS,
  MEMBER_KIND,
  MEMBER_MESSAGE,
  MEMBER_TRACEBACK,
  MEMBER_PID,
  MEMBER_THREADS,
  MEMBER_LIMIT,
  MEMBER_MANAGED,
  MEMBER_SPILLED,
  MEMBER_RESIDENT,
  MEMBER_WHAT,
  MEMBER_PEER,
  MEMBER_NAME,
  MEMBER_UNIT,
  MEMBER_VALUE,
  MEMBER_LEVEL,
  MEMBER_AGAIN,
  MEMBER_WANTED,
  N_MEMBERS,
} Member;

#define BIT(member) (1u << (member))

static const char *const member_names[N_MEMBERS + 1] = {
  [MEMBER_EVENT] = "e",
  [MEMBER_KEY] = "k",
  [MEMBER_WORKER] = "w",
  [MEMBER_THREAD] = "h",
  [MEMBER_START] = "s",
  [MEMBER_DURATION] = "d",
  [MEMBER_TIME] = "t",
  [MEMBER_BYTES] = "b",
  [MEMBER_GROUP] = "group",
  [MEMBER_INPUTS] = "inputs",
  [MEMBER_KIND] = "kind",
  [MEMBER_MESSAGE] = "message",
  [MEMBER_TRACEBACK] = "traceback",
  [MEMBER_PID] = "pid",
  [MEMBER_THREADS] = "threads",
  [MEMBER_LIMIT] = "limit",
  [MEMBER_MANAGED] = "managed",
  [MEMBER_SPILLED] = "spilled",
  [MEMBER_RESIDENT] = "resident",
  [MEMBER_WHAT] = "what",
  [MEMBER_PEER] = "peer",
  [MEMBER_NAME] = "name",
  [MEMBER_UNIT] = "unit",
  [MEMBER_VALUE] = "v",
  [MEMBER_LEVEL] = "level",
  [MEMBER_AGAIN] = "again",
  [MEMBER_WANTED] = "wanted",
};

/* What workers do beside tasks. */
static const struct
{
  const char *name;
  WeftRecordKind kind;
  uint8_t how;
} doings[] = {
  { "transfer", WEFT_RECORD_TRANSFER, 0 },
  { "deserialize", WEFT_RECORD_PHASE, WEFT_PHASE_DESERIALIZE },
  { "serialize", WEFT_RECORD_PHASE, WEFT_PHASE_SERIALIZE },
  { "gc", WEFT_RECORD_PHASE, WEFT_PHASE_GC },
  { "stage-in", WEFT_RECORD_PHASE, WEFT_PHASE_STAGE_IN },
  { "stage-out", WEFT_RECORD_PHASE, WEFT_PHASE_STAGE_OUT },
  { "set-up", WEFT_RECORD_PHASE, WEFT_PHASE_SET_UP },
  { "spill-write", WEFT_RECORD_SPILL_WRITE, 0 },
  { "spill-read", WEFT_RECORD_SPILL_READ, 0 },
};

#define MOST_LEVEL 7 /* syslog's debug */
#define LEVEL_INFO 6
#define MOST_VALUE 9.2e18 /* of a counter */

typedef struct
{
  const char *chars;
  size_t n_chars;
} Text;

typedef struct
{
  uint64_t seen; /* bits of members */
  Text texts[N_MEMBERS];
  int64_t numbers[N_MEMBERS]; /* times and durations in nanoseconds; what: of doings */
  double value;
  GArray *inputs;       /* (nullable): Text */
  GPtrArray *aside;     /* (nullable): char *: texts that had escapes */
  WeftRecordKind point; /* what becomes of it, where that is all */
  bool is_expected;     /* the key's hash is known */
  uint64_t key_hash;
} Event;

/* ---- reading --------------------------------------------------------------------------------- */

static Text
keep_text (Event *event, const WeftJson *json)
{
  Text text = { json->chars, json->n_chars };

  if (json->chars < json->bytes || json->chars >= json->end)
    {
      if (event->aside == NULL)
        event->aside = g_ptr_array_new_with_free_func (g_free);
      text.chars = g_strndup (json->chars, json->n_chars);
      g_ptr_array_add (event->aside, (char *) text.chars);
    }
  return text;
}

static bool
check_key (WeftJson *json)
{
  g_autoptr (GError) why = NULL;

  return _weft_report_check_key (json->chars, json->n_chars, &why)
         || _weft_json_fail (json, WEFT_GRAPH_ERROR_FORMAT, "%s", why->message);
}

static bool
read_inputs (Event *event, WeftJson *json)
{
  if (!_weft_json_expect (json, WEFT_JSON_BEGIN_ARRAY, "an array of keys"))
    return false;
  event->inputs = g_array_new (FALSE, FALSE, sizeof (Text));
  while (_weft_json_next_item (json))
    {
      Text text;

      if (json->token != WEFT_JSON_STRING)
        return _weft_json_unexpected (json, "a key");
      if (!check_key (json))
        return false;
      text = keep_text (event, json);
      g_array_append_val (event->inputs, text);
    }
  return json->error == NULL;
}

static bool
read_time (WeftJson *json, const WeftLinesClock *clock, int64_t most_ns, int64_t *ns)
{
  double value;

  if (!clock->in_seconds)
    return _weft_json_expect_int64 (json, 0, most_ns, "nanoseconds", ns);
  if (!_weft_json_expect_number (json, 0, (double) most_ns / NS_PER_SECOND, "seconds", &value))
    return false;
  *ns = (int64_t) (value * NS_PER_SECOND);
  return true;
}

static bool
read_what (WeftJson *json, int64_t *number)
{
  g_autoptr (GString) all = g_string_new (NULL);

  if (!_weft_json_expect (json, WEFT_JSON_STRING, "a text"))
    return false;
  for (*number = 0; *number < (int64_t) G_N_ELEMENTS (doings); ++*number)
    if (_weft_json_is (json, doings[*number].name))
      return true;
  for (size_t i = 0; i < G_N_ELEMENTS (doings); i++)
    g_string_append_printf (all, "%s%s", i > 0 ? ", " : "", doings[i].name);
  return _weft_json_fail (json, WEFT_GRAPH_ERROR_FORMAT,
                          "found “%.*s” as what a worker did, expected one of %s",
                          (int) MIN (json->n_chars, 64), json->chars, all->str);
}

static bool
read_flag (WeftJson *json, int64_t *number)
{
  WeftJsonToken token = _weft_json_next (json);

  *number = token == WEFT_JSON_TRUE;
  return token == WEFT_JSON_TRUE || token == WEFT_JSON_FALSE
         || _weft_json_unexpected (json, "true or false");
}

static bool
check_name (WeftJson *json, Member member)
{
  return (member != MEMBER_WORKER && member != MEMBER_PEER && member != MEMBER_GROUP
          && member != MEMBER_NAME && member != MEMBER_UNIT)
         || json->n_chars <= WEFT_REPORT_MOST_NAME_BYTES
         || _weft_json_fail (json, WEFT_GRAPH_ERROR_FORMAT,
                             "found a name of %zu bytes, expected at most %u", json->n_chars,
                             WEFT_REPORT_MOST_NAME_BYTES);
}

static bool
read_member (Event *event, WeftJson *json, const WeftLinesClock *clock, Member member)
{
  int64_t *number = &event->numbers[member];

  switch (member)
    {
    case MEMBER_INPUTS:
      return read_inputs (event, json);
    case MEMBER_START:
    case MEMBER_TIME:
      return read_time (json, clock, MOST_NS, number);
    case MEMBER_DURATION:
      return read_time (json, clock, WEFT_REPORT_MOST_SPAN_NS, number);
    case MEMBER_THREAD:
    case MEMBER_BYTES:
    case MEMBER_LIMIT:
    case MEMBER_MANAGED:
    case MEMBER_SPILLED:
    case MEMBER_RESIDENT:
      return _weft_json_expect_int64 (json, 0, INT64_MAX, "a whole number", number);
    case MEMBER_WHAT:
      return read_what (json, number);
    case MEMBER_VALUE:
      return _weft_json_expect_number (json, 0, MOST_VALUE, "a number from 0 on", &event->value);
    case MEMBER_LEVEL:
      return _weft_json_expect_int64 (json, 0, MOST_LEVEL, "a level of 0 to 7", number);
    case MEMBER_AGAIN:
    case MEMBER_WANTED:
      return read_flag (json, number);
    case MEMBER_PID:
    case MEMBER_THREADS:
      return _weft_json_expect_int64 (json, 0, UINT32_MAX, "a whole number", number);
    default:
      if (!_weft_json_expect (json, WEFT_JSON_STRING, "a text"))
        return false;
      if ((member == MEMBER_KEY && !check_key (json)) || !check_name (json, member))
        return false;
      event->texts[member] = keep_text (event, json);
      return true;
    }
}

static bool
read_event (Event *event, WeftJson *json, const WeftLinesClock *clock)
{
  if (!_weft_json_expect (json, WEFT_JSON_BEGIN_OBJECT, "an event"))
    return false;
  while (_weft_json_next_name (json))
    {
      int member = _weft_json_member (json, member_names, &event->seen);

      if (member < 0)
        return _weft_json_unknown_member (json, member_names, "an event");
      if (!read_member (event, json, clock, (Member) member))
        return false;
    }
  return json->error == NULL && _weft_json_expect (json, WEFT_JSON_END, "the end of the line");
}

/* ---- taking ---------------------------------------------------------------------------------- */

static bool
has (const Event *event, Member member)
{
  return (event->seen & BIT (member)) != 0;
}

static uint64_t
number (const Event *event, Member member)
{
  return (uint64_t) event->numbers[member];
}

static uint32_t
task_of (const Event *event, WeftReport *report)
{
  const Text *key = &event->texts[MEMBER_KEY];

  if (event->is_expected)
    return _weft_report_expected_task (report, key->chars, key->n_chars, event->key_hash);
  return _weft_report_task (report, key->chars, key->n_chars);
}

static uint32_t
worker_of (const Event *event, WeftReport *report)
{
  WeftReportWorkerInfo info = { .pid = (uint32_t) event->numbers[MEMBER_PID],
                                .n_threads = (uint32_t) event->numbers[MEMBER_THREADS],
                                .memory_limit_bytes = number (event, MEMBER_LIMIT) };

  return _weft_report_worker (report, event->texts[MEMBER_WORKER].chars,
                              event->texts[MEMBER_WORKER].n_chars, &info);
}

static void
take_add (const Event *event, WeftReport *report)
{
  uint32_t task = task_of (event, report), name = WEFT_NONE;

  if (has (event, MEMBER_GROUP))
    _weft_report_group (report, task, event->texts[MEMBER_GROUP].chars,
                        event->texts[MEMBER_GROUP].n_chars, &name);
  if (number (event, MEMBER_WANTED) != 0)
    _weft_report_want (report, task);
  for (guint i = 0; event->inputs != NULL && i < event->inputs->len; i++)
    {
      const Text *key = &g_array_index (event->inputs, Text, i);

      _weft_report_input (report, task, _weft_report_task (report, key->chars, key->n_chars),
                          number (event, MEMBER_TIME));
    }
}

static uint32_t
worker_named (WeftReport *report, const Text *name)
{
  return _weft_report_worker (report, name->chars, name->n_chars, NULL);
}

/* What comes was another worker's before. */
static void
take_peer (const Event *event, WeftReport *report)
{
  if (has (event, MEMBER_PEER))
    _weft_report_stolen (report, task_of (event, report),
                         worker_named (report, &event->texts[MEMBER_PEER]));
}

static void
take_task (const Event *event, WeftReport *report)
{
  uint64_t start = number (event, MEMBER_START);

  take_peer (event, report);
  _weft_report_span (report, task_of (event, report), worker_of (event, report),
                     number (event, MEMBER_THREAD), start, start + number (event, MEMBER_DURATION),
                     WEFT_OUTCOME_OK, number (event, MEMBER_BYTES));
}

static void
take_start (const Event *event, WeftReport *report)
{
  take_peer (event, report);
  _weft_report_start (report, task_of (event, report), worker_of (event, report),
                      number (event, MEMBER_THREAD), number (event, MEMBER_TIME));
}

static void
take_end (const Event *event, WeftReport *report)
{
  _weft_report_end (report, task_of (event, report), number (event, MEMBER_TIME), WEFT_OUTCOME_OK,
                    number (event, MEMBER_BYTES));
}

static void
take_fail (const Event *event, WeftReport *report)
{
  const Member members[3] = { MEMBER_KIND, MEMBER_MESSAGE, MEMBER_TRACEBACK };
  uint32_t task = task_of (event, report);
  uint64_t stamp = number (event, MEMBER_TIME);
  char *texts[3];

  for (int i = 0; i < 3; i++)
    texts[i] = g_strndup (event->texts[members[i]].chars, event->texts[members[i]].n_chars);
  _weft_report_failure (report, task, stamp, texts[0], texts[1], texts[2]);
  if (number (event, MEMBER_AGAIN) != 0)
    _weft_report_end (report, task, stamp, WEFT_OUTCOME_RETRIED, 0);
  else if (!_weft_report_end (report, task, stamp, WEFT_OUTCOME_FAILED, 0)
           && !_weft_report_has_failed (report, task))
    _weft_report_point (report, task, WEFT_RECORD_ERRED, stamp);
  for (int i = 0; i < 3; i++)
    g_free (texts[i]);
}

static void
take_point (const Event *event, WeftReport *report)
{
  _weft_report_point (report, task_of (event, report), event->point, number (event, MEMBER_TIME));
}

static void
take_worker (const Event *event, WeftReport *report)
{
  worker_of (event, report);
}

static void
take_gone (const Event *event, WeftReport *report)
{
  _weft_report_worker_lost (report, worker_of (event, report), number (event, MEMBER_TIME));
}

static void
take_memory (const Event *event, WeftReport *report)
{
  const struct
  {
    Member member;
    uint32_t what;
  } samples[] = { { MEMBER_MANAGED, WEFT_MEMORY_MANAGED },
                  { MEMBER_SPILLED, WEFT_MEMORY_SPILLED },
                  { MEMBER_RESIDENT, WEFT_MEMORY_RESIDENT },
                  { MEMBER_LIMIT, WEFT_MEMORY_LIMIT } };
  uint32_t worker = worker_of (event, report);

  for (size_t i = 0; i < G_N_ELEMENTS (samples); i++)
    if (has (event, samples[i].member))
      _weft_report_memory (report, worker, samples[i].what, number (event, samples[i].member),
                           number (event, MEMBER_TIME));
}

static void
take_span (const Event *event, WeftReport *report)
{
  uint64_t start = number (event, MEMBER_START);
  bool spills = doings[number (event, MEMBER_WHAT)].kind == WEFT_RECORD_SPILL_WRITE
                || doings[number (event, MEMBER_WHAT)].kind == WEFT_RECORD_SPILL_READ;
  WeftReportBusy busy = { .worker = worker_of (event, report),
                          .thread = number (event, MEMBER_THREAD),
                          .kind = doings[number (event, MEMBER_WHAT)].kind,
                          .how = doings[number (event, MEMBER_WHAT)].how,
                          .task = WEFT_NONE,
                          .peer = WEFT_NONE,
                          .start = start,
                          .end = start + number (event, MEMBER_DURATION),
                          .n_bytes = number (event, MEMBER_BYTES) };

  if (has (event, MEMBER_KEY) && !spills) /* spills name slots, of which nobody knows the number */
    busy.task = task_of (event, report);
  if (has (event, MEMBER_PEER))
    busy.peer = worker_named (report, &event->texts[MEMBER_PEER]);
  _weft_report_busy (report, &busy);
}

static void
take_count (const Event *event, WeftReport *report)
{
  const Text *name = &event->texts[MEMBER_NAME], *unit = &event->texts[MEMBER_UNIT];
  uint32_t worker = has (event, MEMBER_WORKER) ? worker_of (event, report) : WEFT_NONE;
  g_autofree char *unit_text = g_strndup (unit->chars, unit->n_chars);

  _weft_report_counter (report, worker, name->chars, name->n_chars,
                        has (event, MEMBER_UNIT) ? unit_text : "", number (event, MEMBER_TIME),
                        event->value);
}

static void
take_log (const Event *event, WeftReport *report)
{
  uint32_t worker = has (event, MEMBER_WORKER) ? worker_of (event, report) : WEFT_NONE;
  uint32_t task = has (event, MEMBER_KEY) ? task_of (event, report) : WEFT_NONE;
  const Text *text = &event->texts[MEMBER_MESSAGE];

  _weft_report_log (report, worker, task, number (event, MEMBER_TIME),
                    has (event, MEMBER_LEVEL) ? (unsigned) number (event, MEMBER_LEVEL)
                                              : LEVEL_INFO,
                    text->chars, text->n_chars);
}

static void
take_annotation (const Event *event, WeftReport *report)
{
  const Text *text = &event->texts[MEMBER_MESSAGE];

  _weft_report_annotation (report,
                           has (event, MEMBER_WORKER) ? worker_of (event, report) : WEFT_NONE,
                           has (event, MEMBER_KEY) ? task_of (event, report) : WEFT_NONE,
                           number (event, MEMBER_TIME), text->chars, text->n_chars);
}

/* ---- events ---------------------------------------------------------------------------------- */

#define K BIT (MEMBER_KEY)
#define W BIT (MEMBER_WORKER)
#define T BIT (MEMBER_TIME)

static const struct
{
  const char *name;
  uint32_t needed; /* members, beside the event's name */
  uint32_t allowed;
  void (*take) (const Event *event, WeftReport *report);
  WeftRecordKind point;
} events[] = {
  { "task", K | W | BIT (MEMBER_START) | BIT (MEMBER_DURATION),
    BIT (MEMBER_THREAD) | BIT (MEMBER_BYTES) | BIT (MEMBER_PEER), take_task },
  { "start", K | W | T, BIT (MEMBER_THREAD) | BIT (MEMBER_PEER), take_start },
  { "end", K | T, BIT (MEMBER_BYTES), take_end },
  { "add", K, T | BIT (MEMBER_GROUP) | BIT (MEMBER_INPUTS) | BIT (MEMBER_WANTED), take_add },
  { "ready", K | T, 0, take_point, WEFT_RECORD_READY },
  { "release", K | T, 0, take_point, WEFT_RECORD_RELEASED },
  { "fail", K | T,
    BIT (MEMBER_KIND) | BIT (MEMBER_MESSAGE) | BIT (MEMBER_TRACEBACK) | BIT (MEMBER_AGAIN),
    take_fail },
  { "cancel", K | T, 0, take_point, WEFT_RECORD_CANCELLED },
  { "worker", W, BIT (MEMBER_PID) | BIT (MEMBER_THREADS) | BIT (MEMBER_LIMIT), take_worker },
  { "gone", W | T, 0, take_gone },
  { "memory", W | T,
    BIT (MEMBER_MANAGED) | BIT (MEMBER_SPILLED) | BIT (MEMBER_RESIDENT) | BIT (MEMBER_LIMIT),
    take_memory },
  { "span", W | BIT (MEMBER_WHAT) | BIT (MEMBER_START) | BIT (MEMBER_DURATION),
    K | BIT (MEMBER_THREAD) | BIT (MEMBER_BYTES) | BIT (MEMBER_PEER), take_span },
  { "count", BIT (MEMBER_NAME) | T | BIT (MEMBER_VALUE), W | BIT (MEMBER_UNIT), take_count },
  { "annotation", T | BIT (MEMBER_MESSAGE), W | K, take_annotation },
  { "log", T | BIT (MEMBER_MESSAGE), W | K | BIT (MEMBER_LEVEL), take_log },
};

static bool
fail_name (WeftJson *json, const Text *name)
{
  g_autoptr (GString) all = g_string_new (NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (events); i++)
    g_string_append_printf (all, "%s%s", i > 0 ? ", " : "", events[i].name);
  return _weft_json_fail (json, WEFT_GRAPH_ERROR_FORMAT,
                          "found an event of the name “%.*s”, expected one of %s",
                          (int) MIN (name->n_chars, 64), name->chars, all->str);
}

/* Which event it is, or the number of them. */
static size_t
find_event (const Text *name)
{
  size_t i = 0;

  while (i < G_N_ELEMENTS (events)
         && (strlen (events[i].name) != name->n_chars
             || memcmp (events[i].name, name->chars, name->n_chars) != 0))
    i++;
  return i;
}

/* All it needs, and nothing it does not have. */
static bool
has_its_members (const Event *event, size_t i)
{
  return (events[i].needed & ~event->seen) == 0
         && (event->seen & ~(uint64_t) (events[i].needed | events[i].allowed | BIT (MEMBER_EVENT)))
                == 0;
}

static const char *
first_name (uint64_t bits)
{
  return member_names[__builtin_ctzll (bits)];
}

/* Whether the event's members are those it has to have. */
static bool
check_members (WeftJson *json, const Event *event, size_t i)
{
  uint64_t missing = events[i].needed & ~event->seen;
  uint64_t known = events[i].needed | events[i].allowed | BIT (MEMBER_EVENT);

  if (missing != 0)
    return _weft_json_fail (json, WEFT_GRAPH_ERROR_FORMAT,
                            "found no “%s” in an event “%s”, expected one", first_name (missing),
                            events[i].name);
  if ((event->seen & ~known) != 0)
    return _weft_json_fail (json, WEFT_GRAPH_ERROR_FORMAT,
                            "found “%s” in an event “%s”, expected none",
                            first_name (event->seen & ~known), events[i].name);
  return true;
}

/* One such task would cost all others of its batch what they read. */
static bool
check_inputs (WeftJson *json, const Event *event)
{
  const Text *key = &event->texts[MEMBER_KEY];

  for (guint i = 0; event->inputs != NULL && i < event->inputs->len; i++)
    {
      const Text *input = &g_array_index (event->inputs, Text, i);

      if (input->n_chars == key->n_chars && memcmp (input->chars, key->chars, key->n_chars) == 0)
        return _weft_json_fail (json, WEFT_GRAPH_ERROR_FORMAT,
                                "found the task's own key in “inputs”, expected those of others");
    }
  return true;
}

/* Whether the report has room for the workers that the event names. */
static bool
has_room (const Event *event, const WeftReport *report)
{
  const Member members[] = { MEMBER_WORKER, MEMBER_PEER };

  for (size_t i = 0; i < G_N_ELEMENTS (members); i++)
    if (has (event, members[i])
        && !_weft_report_has_room (report, event->texts[members[i]].chars,
                                   event->texts[members[i]].n_chars))
      return false;
  return true;
}

static bool
check_room (WeftJson *json, const Event *event, const WeftReport *report)
{
  return has_room (event, report)
         || _weft_json_fail (json, WEFT_GRAPH_ERROR_FORMAT,
                             "found one more worker, expected at most %u lanes in a run",
                             WEFT_REPORT_MOST_LANES);
}

static bool
take_event (WeftJson *json, Event *event, WeftReport *report)
{
  const Text *name = &event->texts[MEMBER_EVENT];
  size_t i;

  if (!has (event, MEMBER_EVENT))
    return _weft_json_fail (json, WEFT_GRAPH_ERROR_FORMAT,
                            "found no “e” in the line, expected the event's name");
  i = find_event (name);
  if (i == G_N_ELEMENTS (events))
    return fail_name (json, name);
  if (!check_members (json, event, i) || !check_inputs (json, event)
      || !check_room (json, event, report))
    return false;
  event->point = events[i].point;
  events[i].take (event, report);
  return true;
}

/* ---- lines as nearly all are ----------------------------------------------------------------- */

/* Members of one letter, texts without escapes, whole numbers, and nothing wrong: what is written
 * so is read without a scanner. Of anything else nothing is taken, and the scanner reads it from
 * the line's beginning; it also says what is wrong. */

static const uint8_t letters[256] = {
  ['e'] = MEMBER_EVENT + 1,  ['k'] = MEMBER_KEY + 1,   ['w'] = MEMBER_WORKER + 1,
  ['h'] = MEMBER_THREAD + 1, ['s'] = MEMBER_START + 1, ['d'] = MEMBER_DURATION + 1,
  ['t'] = MEMBER_TIME + 1,   ['b'] = MEMBER_BYTES + 1,
};

#define MOST_DIGITS 18 /* always below MOST_NS */

/* Past a text, from its quote on. Returns: (nullable) */
static const char *
pass_text (const char *at, const char *end, Text *text)
{
  text->chars = ++at;
  while (at < end && (uint8_t) (*at - 0x20) < 0x60 && *at != '"' && *at != '\\')
    at++;
  text->n_chars = (size_t) (at - text->chars);
  return at < end && *at == '"' ? at + 1 : NULL;
}

/* Returns: (nullable) */
static const char *
pass_number (const char *at, const char *end, int64_t *number)
{
  const char *start = at;
  int64_t value = 0;

  for (; at < end && g_ascii_isdigit (*at); at++)
    {
      if (at - start == MOST_DIGITS)
        return NULL;
      value = 10 * value + (*at - '0');
    }
  *number = value;
  return at > start && (*start != '0' || at == start + 1) ? at : NULL;
}

static inline const char *
pass_space (const char *at, const char *end)
{
  return at < end && *at == ' ' ? at + 1 : at;
}

static const char *
pass_value (Event *event, Member member, const char *at, const char *end)
{
  if (at == end)
    return NULL;
  if (member == MEMBER_EVENT || member == MEMBER_KEY || member == MEMBER_WORKER)
    return *at == '"' ? pass_text (at, end, &event->texts[member]) : NULL;
  return pass_number (at, end, &event->numbers[member]);
}

/* "x": and its value. Returns: (nullable) */
static const char *
pass_member (Event *event, WeftReport *report, const char *at, const char *end)
{
  uint8_t letter = end - at < 5 ? 0 : letters[(uint8_t) at[1]];
  Member member;

  if (letter == 0 || at[0] != '"' || at[2] != '"' || at[3] != ':')
    return NULL;
  member = (Member) (letter - 1);
  if (has (event, member))
    return NULL;
  event->seen |= BIT (member);
  at = pass_value (event, member, pass_space (at + 4, end), end);
  if (at == NULL || member != MEMBER_KEY)
    return at;
  if (!_weft_report_check_key (event->texts[member].chars, event->texts[member].n_chars, NULL))
    return NULL;
  event->key_hash =
      _weft_report_expect_task (report, event->texts[member].chars, event->texts[member].n_chars);
  event->is_expected = true;
  return at;
}

static bool
pass_line (Event *event, WeftReport *report, const char *at, const char *end)
{
  do
    {
      at = pass_member (event, report, pass_space (at + 1, end), end);
      if (at == NULL || at == end)
        return false;
    }
  while (*at == ',');
  return *at == '}' && at + 1 == end;
}

/* Returns: whether the line was of this kind */
static bool
take_quickly (WeftReport *report, const char *line, size_t n_chars)
{
  Event event = { 0 };
  size_t i;

  if (n_chars == 0 || line[0] != '{' || !pass_line (&event, report, line, line + n_chars)
      || !has (&event, MEMBER_EVENT))
    return false;
  i = find_event (&event.texts[MEMBER_EVENT]);
  if (i == G_N_ELEMENTS (events) || !has_its_members (&event, i)
      || event.texts[MEMBER_WORKER].n_chars > WEFT_REPORT_MOST_NAME_BYTES
      || number (&event, MEMBER_DURATION) > WEFT_REPORT_MOST_SPAN_NS || !has_room (&event, report))
    return false;
  event.point = events[i].point;
  events[i].take (&event, report);
  return true;
}

bool
_weft_lines_take (WeftReport *report, const WeftLinesClock *clock, const char *line, size_t n_chars,
                  GError **error)
{
  Event event = { 0 };
  WeftJson json;
  bool ok;

  if (!clock->in_seconds && take_quickly (report, line, n_chars))
    return true;
  _weft_json_init (&json, line, n_chars, "event");
  ok = read_event (&event, &json, clock) && take_event (&json, &event, report);
  g_clear_pointer (&event.inputs, g_array_unref);
  g_clear_pointer (&event.aside, g_ptr_array_unref);
  if (!ok)
    _weft_json_finish (&json, error);
  _weft_json_clear (&json);
  return ok;
}
