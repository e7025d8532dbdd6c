/* weft-text-private.h: the beginning of a text
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "base/weft-base.h"

/* At most @most of the @n_bytes of it, without a part of a character at the end. @text: UTF-8 */
static inline size_t
_weft_text_cut (const char *text, size_t n_bytes, size_t most)
{
  if (n_bytes <= most)
    return n_bytes;
  while (most > 0 && ((uint8_t) text[most] & 0xc0) == 0x80)
    most--;
  return most;
}
