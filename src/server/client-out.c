/* client-out.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-client-out-private.h"
#include "server/weft-client-record-private.h"

#include "graph/weft-json-private.h"
#include "graph/weft-read-edges-private.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define FULL_RECORDS 16384u
#define FULL_BYTES (1u << 20)
#define SLICE_MS 50 /* between two looks at whether the client is being closed */
#define NS_PER_MS 1000000

/* Records of a lane. */
typedef struct
{
  uint32_t lane;
  uint32_t n;
} Row;

struct _WeftClientOut
{
  WeftDial *dial;           /* (nullable): one of both */
  WeftClientRecord *record; /* (nullable) */
  uint32_t channel;
  uint32_t n_tasks; /* said or gathered */
  uint32_t n_keys;  /* gathered, of these */
  uint32_t n_lanes;
  GByteArray *keys;
  GArray *inputs;    /* uint32_t: pairs */
  GByteArray *lanes; /* messages */
  GArray *records;   /* WeftRecord */
  GArray *rows;      /* Row: of these */
  GString *early_lines, *lines;
  GByteArray *bytes; /* messages: all of it */
};

/* ---- life ------------------------------------------------------------------------------------ */

/* The number of a member of the object; -1: it has none. */
static int64_t
find_number (const char *object, const char *name)
{
  int64_t number = -1;
  WeftJson json;

  _weft_json_init (&json, object, strlen (object), NULL);
  _weft_json_expect (&json, WEFT_JSON_BEGIN_OBJECT, "an object");
  while (_weft_json_next_name (&json))
    if (_weft_json_is (&json, name))
      _weft_json_expect_int64 (&json, 0, UINT32_MAX, "a number", &number);
    else
      _weft_json_skip (&json);
  _weft_json_clear (&json);
  return number;
}

static void
append_text (GString *json, const char *name, const char *text)
{
  g_string_append_printf (json, ", \"%s\": ", name);
  _weft_read_append_json (json, text, strlen (text));
}

static bool
announce (WeftClientOut *out, const WeftClient *client, GError **error)
{
  g_autoptr (GString) json = g_string_new ("{\"do\": \"report\"");
  g_autofree char *ok = NULL;
  int64_t channel;

  append_text (json, "name", client->name);
  append_text (json, "source", client->run_source);
  g_string_append_printf (json, ", \"pid\": %u}", (unsigned) getpid ());
  ok = _weft_dial_ask (out->dial, json->str, error);
  if (ok == NULL)
    return false;
  channel = find_number (ok, "channel");
  if (channel <= 0)
    {
      g_set_error (error, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_REFUSED,
                   "the server's answer to “report”: found no “channel” in %s, expected a number",
                   ok);
      return false;
    }
  out->channel = (uint32_t) channel;
  return true;
}

static WeftClientOut *
make_out (void)
{
  WeftClientOut *out = g_new0 (WeftClientOut, 1);

  out->keys = g_byte_array_new ();
  out->inputs = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  out->lanes = g_byte_array_new ();
  out->records = g_array_new (FALSE, FALSE, sizeof (WeftRecord));
  out->rows = g_array_new (FALSE, FALSE, sizeof (Row));
  out->early_lines = g_string_new (NULL);
  out->lines = g_string_new (NULL);
  out->bytes = g_byte_array_new ();
  return out;
}

static WeftClientOut *
record (const WeftClient *client, GError **error)
{
  g_autoptr (GString) meta = g_string_new ("{\"pid\": ");
  WeftClientRecord *to;
  WeftClientOut *out;

  g_string_append_printf (meta, "%u", (unsigned) getpid ());
  append_text (meta, "name", client->name);
  append_text (meta, "source", client->run_source);
  g_string_append_c (meta, '}');
  to = _weft_client_record_new (client->file, meta->str, error);
  if (to == NULL)
    return NULL;
  out = make_out ();
  out->record = to;
  return out;
}

WeftClientOut *
_weft_client_out_new (const WeftClient *client, GError **error)
{
  g_autoptr (GError) why = NULL;
  WeftDial *dial = _weft_dial_new (client->address, client->name, (int) client->wait_ms, &why);
  WeftClientOut *out;

  if (dial == NULL)
    {
      if (client->file != NULL)
        return record (client, error);
      if (!g_error_matches (why, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_NOBODY))
        g_propagate_error (error, g_steal_pointer (&why));
      return NULL;
    }
  out = make_out ();
  out->dial = dial;
  if (announce (out, client, error))
    return out;
  _weft_client_out_free (out);
  return NULL;
}

void
_weft_client_out_free (WeftClientOut *out)
{
  if (out == NULL)
    return;
  _weft_dial_free (out->dial);
  _weft_client_record_free (out->record);
  g_byte_array_unref (out->keys);
  g_array_unref (out->inputs);
  g_byte_array_unref (out->lanes);
  g_array_unref (out->records);
  g_array_unref (out->rows);
  g_string_free (out->early_lines, TRUE);
  g_string_free (out->lines, TRUE);
  g_byte_array_unref (out->bytes);
  g_free (out);
}

void
_weft_client_out_hang_up (WeftClientOut *out)
{
  if (out->dial != NULL)
    _weft_dial_abandon (out->dial);
}

/* ---- gathering ------------------------------------------------------------------------------- */

uint32_t
_weft_client_out_tasks (WeftClientOut *out, const uint8_t *keys, size_t n_bytes, uint32_t n_keys)
{
  uint32_t first = out->n_tasks;

  g_byte_array_append (out->keys, keys, (guint) n_bytes);
  out->n_keys += n_keys;
  out->n_tasks += n_keys;
  return first;
}

uint32_t
_weft_client_out_task (WeftClientOut *out, const char *key, size_t n_chars)
{
  uint32_t length = (uint32_t) n_chars;

  g_byte_array_append (out->keys, (const guint8 *) &length, sizeof length);
  return _weft_client_out_tasks (out, (const uint8_t *) key, n_chars, 1);
}

void
_weft_client_out_input (WeftClientOut *out, uint32_t task, uint32_t input)
{
  uint32_t pair[2] = { task, input };

  g_array_append_vals (out->inputs, pair, 2);
}

uint32_t
_weft_client_out_lane (WeftClientOut *out, WeftLaneHead head, const char *name)
{
  head.lane = ++out->n_lanes;
  head.n_name_bytes = (uint32_t) strlen (name);
  _weft_wire_append (
      out->lanes, (WeftWireHead){ .kind = WEFT_WIRE_LANE, .channel = out->channel },
      (struct iovec[]){ { &head, sizeof head }, { (char *) name, head.n_name_bytes } }, 2);
  return head.lane;
}

void
_weft_client_out_record (WeftClientOut *out, uint32_t lane, const WeftRecord *record)
{
  Row *last = out->rows->len > 0 ? &g_array_index (out->rows, Row, out->rows->len - 1) : NULL;
  Row row = { lane, 1 };

  g_array_append_vals (out->records, record, 1);
  if (last != NULL && last->lane == lane)
    last->n++;
  else
    g_array_append_val (out->rows, row);
}

GString *
_weft_client_out_early_lines (WeftClientOut *out)
{
  return out->early_lines;
}

GString *
_weft_client_out_lines (WeftClientOut *out)
{
  return out->lines;
}

bool
_weft_client_out_is_full (const WeftClientOut *out)
{
  return out->records->len >= FULL_RECORDS || out->keys->len >= FULL_BYTES
         || out->inputs->len >= FULL_BYTES / sizeof (uint32_t) || out->lines->len >= FULL_BYTES
         || out->early_lines->len >= FULL_BYTES;
}

/* ---- messages -------------------------------------------------------------------------------- */

static void
put (WeftClientOut *out, uint16_t kind, uint32_t lane, const void *bytes, size_t n_bytes)
{
  _weft_wire_append (out->bytes,
                     (WeftWireHead){ .kind = kind, .channel = out->channel, .lane = lane },
                     &(struct iovec){ (void *) bytes, n_bytes }, 1);
}

static void
put_tasks (WeftClientOut *out)
{
  uint32_t head[2] = { out->n_tasks - out->n_keys, out->n_keys };

  if (out->n_keys == 0)
    return;
  _weft_wire_append (out->bytes, (WeftWireHead){ .kind = WEFT_WIRE_TASKS, .channel = out->channel },
                     (struct iovec[]){ { head, sizeof head }, { out->keys->data, out->keys->len } },
                     2);
}

static void
put_records (WeftClientOut *out)
{
  const WeftRecord *records = (const WeftRecord *) (void *) out->records->data;

  for (guint i = 0; i < out->rows->len; i++)
    {
      const Row *row = &g_array_index (out->rows, Row, i);

      put (out, WEFT_WIRE_RECORDS, row->lane, records, row->n * sizeof *records);
      records += row->n;
    }
}

static void
put_lines (WeftClientOut *out, const GString *lines)
{
  if (lines->len > 0)
    put (out, WEFT_WIRE_LINES, 0, lines->str, lines->len);
}

/* The gathered as messages. */
static void
pack (WeftClientOut *out)
{
  g_byte_array_append (out->bytes, out->lanes->data, out->lanes->len);
  put_lines (out, out->early_lines);
  put_tasks (out);
  if (out->inputs->len > 0)
    put (out, WEFT_WIRE_INPUTS, 0, out->inputs->data, out->inputs->len * sizeof (uint32_t));
  put_records (out);
  put_lines (out, out->lines);
}

static void
forget (WeftClientOut *out)
{
  g_byte_array_set_size (out->lanes, 0);
  g_byte_array_set_size (out->keys, 0);
  g_byte_array_set_size (out->bytes, 0);
  g_array_set_size (out->inputs, 0);
  g_array_set_size (out->records, 0);
  g_array_set_size (out->rows, 0);
  g_string_truncate (out->early_lines, 0);
  g_string_truncate (out->lines, 0);
  out->n_keys = 0;
}

/* ---- sending --------------------------------------------------------------------------------- */

/* What the server says by itself, that an event was not taken, is nothing the program can mend. */
static bool
pass_over (WeftDial *dial)
{
  WeftWireMessage message;
  WeftWireStatus status;

  do
    status = _weft_wire_next (&dial->wire, &message);
  while (status == WEFT_WIRE_MESSAGE);
  return status != WEFT_WIRE_BROKEN;
}

/* Gives up only when the client is being closed: till then whoever reports is not held up. */
static bool
push_all (WeftClientOut *out, const WeftClient *client)
{
  int64_t deadline_ns = 0;
  size_t n_sent = 0;

  while (n_sent < out->bytes->len)
    {
      bool closing = atomic_load_explicit (&client->closing, memory_order_relaxed) != 0;
      gssize n = _weft_dial_push (out->dial, out->bytes->data + n_sent, out->bytes->len - n_sent,
                                  SLICE_MS, NULL);

      if (n < 0 || !pass_over (out->dial))
        return false;
      n_sent += (size_t) n;
      if (n > 0 || !closing)
        deadline_ns = 0;
      else if (deadline_ns == 0)
        deadline_ns = weft_clock_mono_ns () + (int64_t) client->wait_ms * NS_PER_MS;
      else if (weft_clock_mono_ns () > deadline_ns)
        return false;
    }
  return true;
}

static uint64_t
count_spans (const WeftClientOut *out)
{
  uint64_t n = 0;

  for (guint i = 0; i < out->records->len; i++)
    {
      const WeftRecord *record = &g_array_index (out->records, WeftRecord, i);

      n += record->kind == WEFT_RECORD_TASK && weft_record_outcome (record) != WEFT_OUTCOME_RUNNING;
    }
  return n;
}

bool
_weft_client_out_send (WeftClientOut *out, WeftClient *client)
{
  bool ok = true;

  pack (out);
  if (out->record != NULL)
    ok = _weft_client_record_take (out->record, out->bytes->data, out->bytes->len);
  else
    ok = _weft_dial_read (out->dial, NULL) && pass_over (out->dial) && push_all (out, client);
  if (!ok)
    atomic_fetch_add_explicit (&client->n_dropped, count_spans (out), memory_order_relaxed);
  forget (out);
  return ok;
}

bool
_weft_client_out_finish (WeftClientOut *out, WeftClient *client, WeftClientPhase phase)
{
  static const struct
  {
    const char *name;
    WeftRunPhase phase;
  } phases[] = { [WEFT_CLIENT_DONE] = { "done", WEFT_RUN_DONE },
                 [WEFT_CLIENT_FAILED] = { "failed", WEFT_RUN_FAILED },
                 [WEFT_CLIENT_CANCELLED] = { "cancelled", WEFT_RUN_CANCELLED } };
  g_autofree char *summary =
      g_strdup_printf ("{\"dropped\": %" PRIu64 "}", weft_client_dropped (client));
  g_autofree char *json = NULL, *ok = NULL;

  if (out->record != NULL)
    return _weft_client_record_finish (out->record, phases[phase].phase, summary);
  json = g_strdup_printf ("{\"do\": \"finish\", \"channel\": %u, \"phase\": \"%s\", "
                          "\"summary\": %s}",
                          out->channel, phases[phase].name, summary);
  ok = _weft_dial_ask (out->dial, json, NULL);
  return ok != NULL;
}
