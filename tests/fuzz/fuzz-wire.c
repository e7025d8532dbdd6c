/* fuzz-wire.c: any bytes as what comes over a connection
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * However the bytes are cut, the same messages and lines come out of them, and the same error at
 * the same place.
 */
#include "config.h"

#include "server/weft-wire-private.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes);

#define LIMITS                                        \
  (WeftWireLimits)                                    \
  {                                                   \
    .most_message_bytes = 4096, .most_line_bytes = 64 \
  }

static void
say (GString *said, WeftWire *wire, const WeftWireMessage *message)
{
  const char *line;
  size_t at = 0, n_chars;

  if (wire->form == WEFT_WIRE_AS_MESSAGES)
    {
      g_string_append_len (said, (const char *) &message->head, sizeof message->head);
      g_string_append_len (said, (const char *) message->payload, message->head.n_bytes);
      return;
    }
  while (_weft_wire_next_line (wire, message, &at, &line, &n_chars))
    {
      g_string_append_len (said, line, (gssize) n_chars);
      g_string_append_c (said, '\n');
    }
}

/* @piece: how many bytes come at once. (transfer full): all that came out */
static GString *
cut (const guint8 *data, gsize n_bytes, gsize piece)
{
  GString *said = g_string_new (NULL);
  WeftWireMessage message;
  WeftWire wire;

  _weft_wire_init (&wire, &LIMITS);
  for (gsize n; n_bytes > 0 && wire.error == NULL; data += n, n_bytes -= n)
    {
      size_t room;
      uint8_t *to = _weft_wire_room (&wire, &room);

      n = MIN (MIN (n_bytes, piece), room);
      memcpy (to, data, n);
      _weft_wire_received (&wire, n);
      while (_weft_wire_next (&wire, &message) == WEFT_WIRE_MESSAGE)
        say (said, &wire, &message);
    }
  _weft_wire_finish (&wire);
  if (wire.error != NULL)
    g_string_append_printf (said, "%d at %" G_GUINT64_FORMAT, wire.error->code, wire.error_offset);
  _weft_wire_clear (&wire);
  return said;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  g_autoptr (GString) whole = cut (data, n_bytes, n_bytes + 1);
  g_autoptr (GString) in_threes = cut (data, n_bytes, 3);

  if (!g_string_equal (whole, in_threes))
    abort ();
  return 0;
}
