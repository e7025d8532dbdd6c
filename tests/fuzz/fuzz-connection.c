/* fuzz-connection.c: any bytes as what a client sends, from its greeting on
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * However the bytes are cut, the same is asked for, the same events are taken and the same is
 * answered. After the first byte says so, nothing is taken from a client that is closing.
 */
#include "config.h"

#include "server/weft-session-private.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes);

static const WeftServerLimits limits = { .message_bytes = 4096,
                                         .line_bytes = 256,
                                         .graph_bytes = 8192 };

typedef struct
{
  WeftSession session;
  GString *said;
} Peer;

static void
check_open (const Peer *peer)
{
  if (peer->session.state != WEFT_SESSION_READY)
    abort ();
}

static void
request_cb (void *data, WeftSaid *said)
{
  Peer *peer = data;
  const WeftSaidMember *id = _weft_said_get (said, "id");

  check_open (peer);
  g_string_append_printf (peer->said, "do %s %s %u members\n", _weft_said_verb_name (said->what),
                          id != NULL ? id->json : "-", said->n_members);
  if (said->bytes != NULL)
    g_string_append_printf (peer->said, "%zu bytes %u\n", g_bytes_get_size (said->bytes),
                            g_bytes_hash (said->bytes));
  if (said->what == WEFT_DO_REPORT)
    peer->session.lines_channel = 1;
  if (said->what == WEFT_DO_FINISH)
    peer->session.lines_channel = 0;
  _weft_said_free (said);
}

static void
answer_cb (void *data, const WeftSaid *said)
{
  check_open (data);
  g_string_append_printf (((Peer *) data)->said, "answer, %u members\n", said->n_members);
}

/* Stretches of lines are cut as they come: only what is in them is the same. */
static bool
events_cb (void *data, const WeftWireHead *head, const uint8_t *bytes, uint64_t offset)
{
  Peer *peer = data;

  check_open (peer);
  if (head->channel != 1)
    return false;
  for (uint32_t i = 0; i < head->n_bytes; i++)
    if (bytes[i] != '\n' && bytes[i] != '\r')
      g_string_append_c (peer->said, (char) bytes[i]);
  if (peer->session.wire.form == WEFT_WIRE_AS_MESSAGES)
    g_string_append_printf (peer->said, " kind %u at %" G_GUINT64_FORMAT "\n", head->kind, offset);
  return true;
}

static const WeftSessionOps ops = { .request = request_cb,
                                    .answer = answer_cb,
                                    .events = events_cb };

/* @piece: how many bytes come at once. (transfer full): all that came out */
static GString *
speak (const guint8 *data, gsize n_bytes, gsize piece)
{
  Peer peer = { .said = g_string_new (NULL) };
  g_autoptr (GByteArray) out = g_byte_array_new ();
  WeftSession *session = &peer.session;

  _weft_session_init (session, &limits, &ops, &peer);
  for (gsize n; n_bytes > 0 && session->state != WEFT_SESSION_CLOSING; data += n, n_bytes -= n)
    {
      size_t room;
      uint8_t *to = _weft_session_room (session, &room);

      n = MIN (MIN (n_bytes, piece), room);
      memcpy (to, data, n);
      _weft_session_received (session, n);
      do
        {
          g_byte_array_append (out, session->out->data, session->out->len);
          g_byte_array_set_size (session->out, 0);
        }
      while (_weft_session_go_on (session));
    }
  _weft_session_end (session);
  if (session->state != WEFT_SESSION_CLOSING)
    abort ();
  if (session->wire.form != WEFT_WIRE_AS_LINES) /* refused lines are told by stretches */
    {
      g_string_append_len (peer.said, (const char *) out->data, out->len);
      g_string_append_len (peer.said, (const char *) session->out->data, session->out->len);
    }
  _weft_session_clear (session);
  return peer.said;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  g_autoptr (GString) whole = speak (data, n_bytes, n_bytes + 1);
  g_autoptr (GString) in_threes = speak (data, n_bytes, 3);

  if (!g_string_equal (whole, in_threes))
    abort ();
  return 0;
}
