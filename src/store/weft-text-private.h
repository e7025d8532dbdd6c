/* weft-text-private.h: what the parts of weft_value_to_text() share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "store/weft-value.h"

typedef struct
{
  GString *out;
  GArray *stack;    /* of frames, in text.c */
  size_t max_chars; /* 0: no limit */
  bool json;
} WeftText;

/* Whether enough was said. Loops ask it before each element. */
static inline bool
_weft_text_is_full (const WeftText *text)
{
  return text->max_chars > 0 && text->out->len >= text->max_chars;
}

void _weft_text_float (WeftText *text, double f);
void _weft_text_float32 (WeftText *text, float f);
/* In quotes, escaped. */
void _weft_text_string (WeftText *text, const char *chars, size_t n_chars);
void _weft_text_bytes (WeftText *text, const uint8_t *bytes, size_t n_bytes);
/* "name": with comma before it, unless it is the first. json only. */
void _weft_text_member (WeftText *text, const char *name);
void _weft_text_array (WeftText *text, const WeftArray *array);
void _weft_text_table (WeftText *text, const WeftTable *table);
