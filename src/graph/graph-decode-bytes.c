/* graph-decode-bytes.c: numbers and texts of a graph segment’s bytes
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/weft-graph-decode-private.h"

#include <string.h>

bool
_weft_decode_fail (WeftGraphDecoder *decoder, WeftGraphError code, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  if (decoder->error != NULL)
    return false;
  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (&decoder->error, WEFT_GRAPH_ERROR, code, "graph segment: %s", text);
  return false;
}

size_t
_weft_in_left (const WeftIn *in)
{
  return (size_t) (in->end - in->at);
}

const uint8_t *
_weft_in_bytes (WeftIn *in, size_t n)
{
  const uint8_t *bytes = in->at;

  if (in->failed || n > _weft_in_left (in))
    {
      in->failed = true;
      return NULL;
    }
  in->at += n;
  return bytes;
}

uint8_t
_weft_in_u8 (WeftIn *in)
{
  const uint8_t *byte = _weft_in_bytes (in, 1);

  return byte != NULL ? *byte : 0;
}

uint64_t
_weft_in_varint (WeftIn *in)
{
  uint64_t x = 0;

  for (int shift = 0; shift < 64; shift += 7)
    {
      uint8_t byte = _weft_in_u8 (in);

      if (shift == 63 && byte > 1)
        break;
      x |= (uint64_t) (byte & 0x7f) << shift;
      if (byte < 0x80)
        return in->failed ? 0 : x;
    }
  in->failed = true;
  return 0;
}

uint32_t
_weft_in_u32 (WeftIn *in)
{
  uint64_t x = _weft_in_varint (in);

  if (x > UINT32_MAX)
    in->failed = true;
  return in->failed ? 0 : (uint32_t) x;
}

double
_weft_in_f64 (WeftIn *in)
{
  const uint8_t *bytes = _weft_in_bytes (in, sizeof (double));
  double x = 0;

  if (bytes != NULL)
    memcpy (&x, bytes, sizeof x);
  return x;
}

const char *
_weft_in_text (WeftIn *in, size_t *n)
{
  uint64_t n_bytes = _weft_in_varint (in);
  const uint8_t *bytes =
      n_bytes <= _weft_in_left (in) ? _weft_in_bytes (in, (size_t) n_bytes) : NULL;

  if (bytes == NULL)
    in->failed = true;
  *n = bytes != NULL ? (size_t) n_bytes : 0;
  return bytes != NULL ? (const char *) bytes : "";
}

/* (transfer full) */
char *
_weft_in_string (WeftIn *in)
{
  size_t n;
  const char *text = _weft_in_text (in, &n);

  return g_strndup (text, n);
}

/* (transfer full) (nullable) */
char *
_weft_in_optional (WeftIn *in)
{
  uint64_t n = _weft_in_varint (in);
  const uint8_t *bytes;

  if (n == 0 || n - 1 > _weft_in_left (in))
    {
      in->failed |= n != 0;
      return NULL;
    }
  bytes = _weft_in_bytes (in, (size_t) (n - 1));
  return g_strndup ((const char *) bytes, (size_t) (n - 1));
}

/* A count of things that take a byte each at least. */
uint32_t
_weft_in_count (WeftIn *in)
{
  uint64_t n = _weft_in_varint (in);

  if (n > _weft_in_left (in))
    in->failed = true;
  return in->failed ? 0 : (uint32_t) n;
}

/* A string by number + 1. Returns: (nullable): NULL for 0, and when there is none of that number */
const char *
_weft_in_known_string (WeftGraphDecoder *decoder, WeftIn *in)
{
  uint32_t number = _weft_in_u32 (in);

  if (number > decoder->strings->len)
    in->failed = true;
  return in->failed || number == 0 ? NULL : decoder->strings->pdata[number - 1];
}
