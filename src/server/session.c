/* session.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-session-private.h"

#include "server/weft-report-private.h"
#include "trace/weft-run-file.h"

#include <string.h>

#define FIRST_OWN_CHANNEL (UINT32_C (1) << 31) /* from here on the client's numbers */

/* A request whose bytes are coming. */
typedef struct
{
  WeftSaid *said;
  uint32_t channel;
  uint64_t n_wanted;
  GByteArray *bytes;
} Gathering;

static void
gathering_free (void *data)
{
  Gathering *gathering = data;

  _weft_said_free (gathering->said);
  if (gathering->bytes != NULL)
    g_byte_array_unref (gathering->bytes);
  g_free (gathering);
}

void
_weft_session_init (WeftSession *session, const WeftServerLimits *limits, const WeftSessionOps *ops,
                    void *data)
{
  WeftWireLimits wire_limits = { .most_message_bytes = limits->message_bytes,
                                 .most_line_bytes = limits->line_bytes };

  *session = (WeftSession){ .limits = limits, .ops = ops, .data = data };
  _weft_wire_init (&session->wire, &wire_limits);
  session->out = g_byte_array_new ();
  session->gathering = g_ptr_array_new_with_free_func (gathering_free);
}

void
_weft_session_clear (WeftSession *session)
{
  _weft_wire_clear (&session->wire);
  _weft_fault_clear (&session->refusal);
  g_clear_pointer (&session->name, g_free);
  g_byte_array_unref (session->out);
  g_ptr_array_unref (session->gathering);
}

/* ---- saying ---------------------------------------------------------------------------------- */

static void
append_message (WeftSession *session, WeftWireKind kind, uint32_t channel, const void *bytes,
                size_t n_bytes)
{
  WeftWireHead head = { .kind = (uint16_t) kind, .channel = channel };

  if (!session->has_begun)
    g_byte_array_append (session->out, (const guint8 *) WEFT_WIRE_PREAMBLE,
                         WEFT_WIRE_PREAMBLE_BYTES);
  session->has_begun = true;
  _weft_wire_append (session->out, head, &(struct iovec){ (void *) bytes, n_bytes }, 1);
}

void
_weft_session_say (WeftSession *session, const GString *json)
{
  if (session->wire.form == WEFT_WIRE_AS_MESSAGES)
    {
      append_message (session, WEFT_WIRE_JSON, 0, json->str, json->len);
      return;
    }
  g_byte_array_append (session->out, (const guint8 *) json->str, (guint) json->len);
  g_byte_array_append (session->out, (const guint8 *) "\n", 1);
}

void
_weft_session_answer (WeftSession *session, const WeftSaid *said, const char *ok_json)
{
  const char *id = _weft_said_id (said);
  g_autoptr (GString) json = NULL;

  if (id == NULL)
    return;
  json = g_string_new (NULL);
  g_string_append_printf (json, "{\"id\": %s, \"ok\": %s}", id, ok_json);
  _weft_session_say (session, json);
}

void
_weft_session_say_bytes (WeftSession *session, uint32_t channel, const void *bytes, size_t n_bytes)
{
  if (session->wire.form == WEFT_WIRE_AS_MESSAGES)
    append_message (session, WEFT_WIRE_BYTES, channel, bytes, n_bytes);
}

void
_weft_session_fault (WeftSession *session, WeftFault *fault, const char *id_json)
{
  g_autoptr (GString) json = g_string_new (NULL);

  _weft_fault_json (fault, id_json, json);
  _weft_session_say (session, json);
  _weft_fault_clear (fault);
}

void
_weft_session_fail (WeftSession *session, WeftFault *fault)
{
  if (session->state != WEFT_SESSION_CLOSING)
    _weft_session_fault (session, fault, NULL);
  _weft_fault_clear (fault);
  session->state = WEFT_SESSION_CLOSING;
}

static void
fail_malformed (WeftSession *session, uint64_t offset, const char *message)
{
  WeftFault fault;

  _weft_fault_set (&fault, WEFT_FAULT_MALFORMED, NULL, NULL, "%s", message);
  fault.offset = offset;
  _weft_session_fail (session, &fault);
}

/* What the wire found. */
static void
fail_wire (WeftSession *session)
{
  const GError *error = session->wire.error;
  WeftFault fault;

  _weft_fault_set (&fault,
                   error->code == WEFT_WIRE_ERROR_TOO_LARGE ? (int) WEFT_SERVER_REFUSE_LIMIT
                                                            : (int) WEFT_FAULT_MALFORMED,
                   NULL, NULL, "%s", error->message);
  fault.offset = session->wire.error_offset;
  _weft_session_fail (session, &fault);
}

/* ---- greeting -------------------------------------------------------------------------------- */

/* How long it takes tells nothing of the token. */
static bool
is_same_token (const char *token, const char *given)
{
  size_t n = strlen (token), n_given = strlen (given);
  unsigned char different = n != n_given;

  for (size_t i = 0; i < n; i++)
    different |= (unsigned char) (token[i] ^ given[i < n_given ? i : 0]);
  return different == 0;
}

static void
greet (WeftSession *session, const WeftSaid *said)
{
  const char *token = _weft_said_text (said, "token");
  int64_t pid = 0;
  WeftFault fault;

  if (g_strcmp0 (_weft_said_text (said, "hello"), "weftline") != 0)
    _weft_fault_set (&fault, WEFT_FAULT_MALFORMED, "hello", NULL,
                     "“hello” has “%.60s”, expected “weftline”", _weft_said_text (said, "hello"));
  else if (!_weft_said_has_number (said, "versions", 1))
    _weft_fault_set (&fault, WEFT_FAULT_VERSION, "versions", NULL,
                     "version 1 of the protocol is spoken here, and “versions” does not have it");
  else if (session->token != NULL && (token == NULL || !is_same_token (session->token, token)))
    _weft_fault_set (&fault, WEFT_FAULT_REFUSED, "token",
                     "the token stands in the file that the server has named", "%s",
                     token == NULL ? "found no “token”, expected that of the server"
                                   : "the token is not that of the server");
  else if (_weft_said_check_name (said, "name", &fault))
    {
      if (_weft_said_number (said, "pid", &pid))
        session->pid = (uint32_t) MIN (pid, UINT32_MAX);
      session->name = g_strdup (_weft_said_text (said, "name"));
      session->state = WEFT_SESSION_READY;
      if (session->ops->greeted != NULL)
        session->ops->greeted (session->data);
      return;
    }
  _weft_session_fail (session, &fault);
}

/* ---- requests whose bytes come after them ---------------------------------------------------- */

static Gathering *
find_gathering (const WeftSession *session, uint32_t channel, guint *at)
{
  for (guint i = 0; i < session->gathering->len; i++)
    {
      Gathering *gathering = session->gathering->pdata[i];

      *at = i;
      if (gathering->channel == channel)
        return gathering;
    }
  return NULL;
}

static void
hand_on (WeftSession *session, guint at)
{
  Gathering *gathering = session->gathering->pdata[at];
  WeftSaid *said = g_steal_pointer (&gathering->said);

  said->bytes = g_byte_array_free_to_bytes (g_steal_pointer (&gathering->bytes));
  session->gathered -= gathering->n_wanted;
  g_ptr_array_remove_index (session->gathering, at);
  session->ops->request (session->data, said);
}

/* Why a request's bytes cannot be awaited. */
static bool
check_gathering (WeftSession *session, int64_t n_bytes, int64_t channel, WeftFault *fault)
{
  guint at;

  if (session->wire.form != WEFT_WIRE_AS_MESSAGES)
    _weft_fault_set (fault, WEFT_SERVER_REFUSE_REQUEST, "n_bytes",
                     "connect with messages, or send the graph as “graph”",
                     "bytes cannot follow in the form of lines");
  else if ((uint64_t) n_bytes > session->limits->graph_bytes - session->gathered)
    _weft_fault_set (fault, WEFT_SERVER_REFUSE_LIMIT, "n_bytes", "extend a run in pieces",
                     "%" G_GINT64_FORMAT
                     " bytes are above the limit graph_bytes, %" G_GUINT64_FORMAT
                     " with what is on its way",
                     n_bytes, session->limits->graph_bytes);
  else if (channel < (int64_t) FIRST_OWN_CHANNEL || channel > UINT32_MAX)
    _weft_fault_set (fault, WEFT_SERVER_REFUSE_REQUEST, "channel", NULL,
                     "“channel” has %" G_GINT64_FORMAT ", expected a number from %u to %u for the "
                     "bytes that follow",
                     channel, FIRST_OWN_CHANNEL, UINT32_MAX);
  else if (find_gathering (session, (uint32_t) channel, &at) != NULL)
    _weft_fault_set (fault, WEFT_SERVER_REFUSE_REQUEST, "channel", NULL,
                     "the channel %" G_GINT64_FORMAT " is in use", channel);
  else
    return true;
  return false;
}

/* (transfer full) */
static void
gather (WeftSession *session, WeftSaid *said, int64_t n_bytes)
{
  Gathering *gathering;
  int64_t channel = 0;
  WeftFault fault;

  _weft_said_number (said, "channel", &channel);
  if (!check_gathering (session, n_bytes, channel, &fault))
    {
      _weft_session_fault (session, &fault, _weft_said_id (said));
      _weft_said_free (said);
      return;
    }
  gathering = g_new0 (Gathering, 1);
  gathering->said = said;
  gathering->channel = (uint32_t) channel;
  gathering->n_wanted = (uint64_t) n_bytes;
  gathering->bytes = g_byte_array_new ();
  session->gathered += (uint64_t) n_bytes;
  g_ptr_array_add (session->gathering, gathering);
  if (n_bytes == 0)
    hand_on (session, session->gathering->len - 1);
}

static void
take_bytes (WeftSession *session, const WeftWireMessage *message)
{
  guint at;
  Gathering *gathering = find_gathering (session, message->head.channel, &at);
  WeftFault fault;

  if (gathering == NULL)
    {
      _weft_fault_set (&fault, WEFT_SERVER_REFUSE_NO_SUCH_CHANNEL, NULL, NULL,
                       "no bytes were announced for the channel %u", message->head.channel);
      fault.offset = message->offset - WEFT_WIRE_HEAD_BYTES;
      _weft_session_fault (session, &fault, NULL);
    }
  else if (message->head.n_bytes > gathering->n_wanted - gathering->bytes->len)
    fail_malformed (session, message->offset - WEFT_WIRE_HEAD_BYTES,
                    "found more bytes than the request has announced");
  else
    {
      g_byte_array_append (gathering->bytes, message->payload, message->head.n_bytes);
      if (gathering->bytes->len == gathering->n_wanted)
        hand_on (session, at);
    }
}

/* ---- what comes ------------------------------------------------------------------------------ */

/* (transfer full) */
static void
take_request (WeftSession *session, WeftSaid *said)
{
  int64_t n_bytes;

  if ((said->what == WEFT_SERVER_SUBMIT || said->what == WEFT_SERVER_EXTEND)
      && _weft_said_number (said, "n_bytes", &n_bytes))
    gather (session, said, n_bytes);
  else
    session->ops->request (session->data, said);
}

/* One object, read: said, or what is wrong with it. */
typedef struct
{
  WeftSaid *said; /* (nullable) */
  WeftFault fault;
  char *id_json;
  uint64_t offset;
} Object;

static void
read_object (Object *object, const char *chars, size_t n_chars, uint64_t offset)
{
  *object = (Object){ .offset = offset };
  object->said = _weft_said_parse (chars, n_chars, offset, &object->fault, &object->id_json);
}

static void
object_clear (Object *object)
{
  _weft_said_free (object->said);
  g_free (object->id_json);
}

static bool
is_event (const Object *object)
{
  return object->said != NULL && object->said->kind == WEFT_SAID_EVENT;
}

static void
take_said (WeftSession *session, Object *object)
{
  WeftSaidKind kind = object->said->kind;

  if (session->state == WEFT_SESSION_GREETING && kind == WEFT_SAID_HELLO)
    greet (session, object->said);
  else if (session->state == WEFT_SESSION_GREETING)
    fail_malformed (session, object->offset, "found something else, expected a greeting first");
  else if (kind == WEFT_SAID_REQUEST)
    take_request (session, g_steal_pointer (&object->said));
  else if (kind == WEFT_SAID_ANSWER)
    session->ops->answer (session->data, object->said);
  else if (kind == WEFT_SAID_HELLO)
    fail_malformed (session, object->offset, "found a second greeting, expected requests");
  else
    fail_malformed (session, object->offset,
                    "found an event in a message of kind 256, expected one of 257");
}

static void
take_object (WeftSession *session, Object *object)
{
  if (object->said != NULL)
    take_said (session, object);
  else if (object->fault.code == WEFT_FAULT_MALFORMED || session->state != WEFT_SESSION_READY)
    _weft_session_fail (session, &object->fault);
  else
    _weft_session_fault (session, &object->fault, object->id_json);
}

static void
refuse_events (WeftSession *session, const WeftWireHead *head, uint64_t offset)
{
  WeftFault fault;

  if (session->n_events_refused++ >= 10) /* one mistake, which a client makes each time */
    return;
  _weft_fault_set (&fault, WEFT_SERVER_REFUSE_NO_SUCH_CHANNEL, NULL, "“report” opens one",
                   session->wire.form == WEFT_WIRE_AS_LINES
                       ? "found an event, and no report is open"
                       : "found events on a channel that no report has");
  fault.offset = offset;
  fault.channel = head->channel;
  _weft_session_fault (session, &fault, NULL);
}

static void
take_events (WeftSession *session, const WeftWireHead *head, const uint8_t *bytes, uint64_t offset)
{
  if (head->n_bytes > 0 && !session->ops->events (session->data, head, bytes, offset))
    refuse_events (session, head, offset);
}

/* ---- the form of messages -------------------------------------------------------------------- */

static void
take_message (WeftSession *session, const WeftWireMessage *message)
{
  const WeftWireHead *head = &message->head;
  uint64_t offset = message->offset - WEFT_WIRE_HEAD_BYTES;

  if (head->kind < WEFT_WIRE_JSON)
    fail_malformed (session, offset, "found a frame, which only a server sends");
  else if (session->state == WEFT_SESSION_GREETING && head->kind != WEFT_WIRE_JSON)
    fail_malformed (session, offset, "found something else, expected a greeting first");
  else if (head->kind == WEFT_WIRE_BYTES)
    take_bytes (session, message);
  else if (head->kind != WEFT_WIRE_JSON)
    take_events (session, head, message->payload, message->offset);
  else
    {
      Object object;

      read_object (&object, (const char *) message->payload, head->n_bytes, offset);
      take_object (session, &object);
      object_clear (&object);
    }
}

/* ---- the form of lines ----------------------------------------------------------------------- */

static bool
is_event_at_first_sight (const char *line, size_t n_chars)
{
  size_t i = 1;

  if (line[0] != '{')
    return false;
  while (i < n_chars && (line[i] == ' ' || line[i] == '\t'))
    i++;
  return n_chars - i > 3 && memcmp (line + i, "\"e\"", 3) == 0;
}

/* Events that stand one after the other. */
typedef struct
{
  size_t from, to; /* in the message; the same: none */
} Stretch;

static void
flush_stretch (WeftSession *session, const WeftWireMessage *message, Stretch *stretch)
{
  WeftWireHead head = { .kind = WEFT_WIRE_LINES,
                        .channel = session->lines_channel,
                        .n_bytes = (uint32_t) (stretch->to - stretch->from) };

  take_events (session, &head, message->payload + stretch->from, message->offset + stretch->from);
  stretch->from = stretch->to = 0;
}

/* Whether the line is an event; if not it is taken, after those that stood before it. */
static bool
take_line (WeftSession *session, const WeftWireMessage *message, Stretch *stretch, const char *line,
           size_t n_chars)
{
  uint64_t offset = message->offset + (uint64_t) (line - (const char *) message->payload);
  Object object;
  bool is;

  if (session->state == WEFT_SESSION_READY && is_event_at_first_sight (line, n_chars))
    return true;
  read_object (&object, line, n_chars, offset);
  is = session->state == WEFT_SESSION_READY && is_event (&object);
  if (!is)
    {
      flush_stretch (session, message, stretch);
      take_object (session, &object);
    }
  object_clear (&object);
  return is;
}

static bool
takes_more (const WeftSession *session)
{
  return session->state != WEFT_SESSION_CLOSING && session->wire.error == NULL
         && session->out->len < WEFT_SESSION_PLENTY_BYTES;
}

/* Of the block, what is not taken yet. */
static void
take_lines (WeftSession *session)
{
  const WeftWireMessage *message = &session->block;
  Stretch stretch = { 0 };
  const char *line;
  size_t n_chars;

  while (takes_more (session)
         && _weft_wire_next_line (&session->wire, message, &session->block_at, &line, &n_chars))
    {
      if (!take_line (session, message, &stretch, line, n_chars))
        continue;
      if (stretch.to == stretch.from)
        stretch.from = (size_t) (line - (const char *) message->payload);
      stretch.to = MIN (session->block_at, message->head.n_bytes);
    }
  flush_stretch (session, message, &stretch);
}

/* ---- all ------------------------------------------------------------------------------------- */

uint8_t *
_weft_session_room (WeftSession *session, size_t *n_bytes)
{
  return _weft_wire_room (&session->wire, n_bytes);
}

/* A message, or a block of lines. FALSE: there is none in whole */
static bool
take_next (WeftSession *session)
{
  WeftWireMessage message;

  if (session->block_at < session->block.head.n_bytes)
    take_lines (session);
  else if (_weft_wire_next (&session->wire, &message) != WEFT_WIRE_MESSAGE)
    return false;
  else if (session->wire.form == WEFT_WIRE_AS_LINES)
    {
      session->block = message;
      session->block_at = 0;
      take_lines (session);
    }
  else
    take_message (session, &message);
  return true;
}

bool
_weft_session_go_on (WeftSession *session)
{
  bool took = false;

  if (session->is_taking) /* what is taken has its answers sent at once */
    return false;
  session->is_taking = true;
  while (takes_more (session) && take_next (session))
    took = true;
  session->is_taking = false;
  if (session->wire.error != NULL)
    fail_wire (session);
  return took;
}

void
_weft_session_received (WeftSession *session, size_t n_bytes)
{
  if (session->state == WEFT_SESSION_CLOSING)
    return;
  _weft_wire_received (&session->wire, n_bytes);
  if (session->refusal.message != NULL)
    {
      WeftWireMessage message;

      _weft_wire_next (&session->wire, &message); /* it tells the form */
      if (session->wire.form != WEFT_WIRE_UNKNOWN || session->wire.error != NULL)
        _weft_session_fail (session, &session->refusal);
      return;
    }
  _weft_session_go_on (session);
}

void
_weft_session_end (WeftSession *session)
{
  if (session->state != WEFT_SESSION_CLOSING && !_weft_wire_finish (&session->wire))
    fail_wire (session);
  session->state = WEFT_SESSION_CLOSING;
}
