/* wire.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-wire-private.h"

#include "trace/weft-run-file.h"

#include <string.h>

#define LEAST_ROOM 65536u
#define USUAL_CAPACITY (4 * LEAST_ROOM)

G_DEFINE_QUARK (weft - wire - error - quark, _weft_wire_error)

void
_weft_wire_init (WeftWire *wire, const WeftWireLimits *limits)
{
  *wire = (WeftWire){ .limits = *limits };
}

void
_weft_wire_clear (WeftWire *wire)
{
  g_clear_error (&wire->error);
  g_clear_pointer (&wire->buffer, g_free);
  wire->capacity = wire->start = wire->end = wire->searched = 0;
}

/* ---- the buffer ------------------------------------------------------------------------------ */

static void
set_capacity (WeftWire *wire, size_t capacity)
{
  wire->buffer = g_realloc (wire->buffer, capacity);
  wire->capacity = capacity;
}

uint8_t *
_weft_wire_room (WeftWire *wire, size_t *n_bytes)
{
  size_t n = wire->end - wire->start;

  if (n == 0 && wire->capacity != USUAL_CAPACITY)
    set_capacity (wire, USUAL_CAPACITY); /* what a large message took is given back */
  if (n == 0 || wire->capacity - wire->end < LEAST_ROOM)
    {
      memmove (wire->buffer, wire->buffer + wire->start, n);
      wire->start = 0;
      wire->end = n;
    }
  if (wire->capacity - wire->end < LEAST_ROOM)
    set_capacity (wire, 2 * wire->capacity);
  *n_bytes = wire->capacity - wire->end;
  return wire->buffer + wire->end;
}

void
_weft_wire_received (WeftWire *wire, size_t n_bytes)
{
  g_assert (n_bytes <= wire->capacity - wire->end);
  wire->end += n_bytes;
}

static void
take (WeftWire *wire, size_t n_bytes)
{
  wire->start += n_bytes;
  wire->offset += n_bytes;
  wire->searched = 0;
}

/* ---- what is wrong --------------------------------------------------------------------------- */

static WeftWireStatus G_GNUC_PRINTF (4, 5)
    fail (WeftWire *wire, WeftWireError code, uint64_t offset, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  wire->error = g_error_new_valist (WEFT_WIRE_ERROR, (int) code, format, args);
  va_end (args);
  wire->error_offset = offset;
  return WEFT_WIRE_BROKEN;
}

/* ---- forms ----------------------------------------------------------------------------------- */

static WeftWireStatus
begin (WeftWire *wire)
{
  const uint8_t *bytes = wire->buffer + wire->start;
  size_t n = wire->end - wire->start;

  for (size_t i = 0; i < MIN (n, WEFT_WIRE_PREAMBLE_BYTES); i++)
    {
      if (i == 0 && bytes[0] == '{')
        {
          wire->form = WEFT_WIRE_AS_LINES;
          return WEFT_WIRE_MESSAGE;
        }
      if (bytes[i] != (uint8_t) WEFT_WIRE_PREAMBLE[i])
        return fail (wire, WEFT_WIRE_ERROR_NOT_SPOKEN, i,
                     "found the byte 0x%02x, expected “" WEFT_WIRE_PREAMBLE
                     "” and messages, or “{” and lines of JSON",
                     bytes[i]);
    }
  if (n < WEFT_WIRE_PREAMBLE_BYTES)
    return WEFT_WIRE_MORE;
  take (wire, WEFT_WIRE_PREAMBLE_BYTES);
  wire->form = WEFT_WIRE_AS_MESSAGES;
  return WEFT_WIRE_MESSAGE;
}

static bool
is_known (uint16_t kind)
{
  return (kind >= WEFT_FRAME_META && kind <= WEFT_FRAME_FACTS)
         || (kind >= WEFT_WIRE_JSON && kind <= WEFT_WIRE_WANTED);
}

static WeftWireStatus
next_message (WeftWire *wire, WeftWireMessage *message)
{
  size_t n = wire->end - wire->start, n_whole;
  WeftWireHead head;

  if (n < sizeof head)
    return WEFT_WIRE_MORE;
  memcpy (&head, wire->buffer + wire->start, sizeof head);
  if (!is_known (head.kind))
    return fail (wire, WEFT_WIRE_ERROR_MALFORMED, wire->offset,
                 "found a message of the unknown kind %u, expected one of protocol.md", head.kind);
  if (head.n_bytes > wire->limits.most_message_bytes)
    return fail (wire, WEFT_WIRE_ERROR_TOO_LARGE, wire->offset,
                 "found a message of %u bytes, expected at most %u; send it in pieces",
                 head.n_bytes, wire->limits.most_message_bytes);
  n_whole = sizeof head + head.n_bytes + -(size_t) head.n_bytes % WEFT_WIRE_ALIGN;
  if (n < n_whole)
    return WEFT_WIRE_MORE;
  *message = (WeftWireMessage){ .head = head,
                                .payload = wire->buffer + wire->start + sizeof head,
                                .offset = wire->offset + sizeof head };
  take (wire, n_whole);
  return WEFT_WIRE_MESSAGE;
}

static WeftWireStatus
fail_line (WeftWire *wire, uint64_t offset)
{
  return fail (wire, WEFT_WIRE_ERROR_TOO_LARGE, offset,
               "found a line of more than %u bytes, expected none that long; larger things are "
               "sent as messages",
               wire->limits.most_line_bytes);
}

static WeftWireStatus
next_block (WeftWire *wire, WeftWireMessage *message)
{
  const uint8_t *bytes = wire->buffer + wire->start;
  size_t n = wire->end - wire->start;
  const uint8_t *last = memrchr (bytes + wire->searched, '\n', n - wire->searched);
  size_t n_whole;

  wire->searched = n;
  if (last == NULL && n > wire->limits.most_line_bytes + 1) /* 1: a carriage return */
    return fail_line (wire, wire->offset);
  if (last == NULL)
    return WEFT_WIRE_MORE;
  n_whole = (size_t) (last + 1 - bytes);
  *message = (WeftWireMessage){ .head = { .kind = WEFT_WIRE_LINES, .n_bytes = (uint32_t) n_whole },
                                .payload = bytes,
                                .offset = wire->offset };
  take (wire, n_whole);
  return WEFT_WIRE_MESSAGE;
}

WeftWireStatus
_weft_wire_next (WeftWire *wire, WeftWireMessage *message)
{
  WeftWireStatus status = WEFT_WIRE_MESSAGE;

  if (wire->error != NULL)
    return WEFT_WIRE_BROKEN;
  if (wire->form == WEFT_WIRE_UNKNOWN)
    status = begin (wire);
  if (status != WEFT_WIRE_MESSAGE)
    return status;
  return wire->form == WEFT_WIRE_AS_LINES ? next_block (wire, message)
                                          : next_message (wire, message);
}

bool
_weft_wire_finish (WeftWire *wire)
{
  if (wire->error == NULL && wire->end > wire->start)
    fail (wire, WEFT_WIRE_ERROR_CUT_OFF, wire->offset,
          "the connection ended after %zu bytes of a %s, which are not taken",
          wire->end - wire->start, wire->form == WEFT_WIRE_AS_LINES ? "line" : "message");
  return wire->error == NULL;
}

/* ---- lines ----------------------------------------------------------------------------------- */

bool
_weft_wire_cut_line (const void *block, size_t n_bytes, size_t *at, const char **line,
                     size_t *n_chars)
{
  while (*at < n_bytes)
    {
      const char *first = (const char *) block + *at, *end = memchr (first, '\n', n_bytes - *at);
      size_t n = end != NULL ? (size_t) (end - first) : n_bytes - *at;

      *at += n + 1;
      if (n > 0 && first[n - 1] == '\r')
        n--;
      *line = first;
      *n_chars = n;
      if (n > 0)
        return true;
    }
  return false;
}

bool
_weft_wire_next_line (WeftWire *wire, const WeftWireMessage *message, size_t *at, const char **line,
                      size_t *n_chars)
{
  if (wire->error != NULL
      || !_weft_wire_cut_line (message->payload, message->head.n_bytes, at, line, n_chars))
    return false;
  if (*n_chars <= wire->limits.most_line_bytes)
    return true;
  fail_line (wire, message->offset + (uint64_t) (*line - (const char *) message->payload));
  return false;
}

/* ---- sending --------------------------------------------------------------------------------- */

void
_weft_wire_append (GByteArray *bytes, WeftWireHead head, const struct iovec *parts,
                   uint32_t n_parts)
{
  static const uint8_t zeros[WEFT_WIRE_ALIGN];
  guint at = bytes->len;

  g_byte_array_append (bytes, (const guint8 *) &head, sizeof head);
  for (uint32_t i = 0; i < n_parts; i++)
    g_byte_array_append (bytes, parts[i].iov_base, (guint) parts[i].iov_len);
  head.n_bytes = bytes->len - at - (guint) sizeof head;
  memcpy (bytes->data + at, &head.n_bytes, sizeof head.n_bytes);
  g_byte_array_append (bytes, zeros, -head.n_bytes % WEFT_WIRE_ALIGN);
}
