/* weft-dot-private.h: tokens and grammar of DOT, for good messages and for places
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * DOT is read by libcgraph. But libcgraph tells neither the column of an error, nor what was
 * expected, nor where a node stands, and its scanner is in an undefined state after an error. So
 * the text is gone over first, by a scanner and a grammar check that build nothing: what they let
 * pass, libcgraph can read, and they know the place of every node.
 */
#pragma once

#include "base/weft-intern-private.h"
#include "graph/weft-graph-read-private.h"

typedef enum
{
  WEFT_DOT_END,
  WEFT_DOT_NAME, /* without quotes; may be a keyword */
  WEFT_DOT_NUMERAL,
  WEFT_DOT_QUOTED, /* with “+” between parts joined */
  WEFT_DOT_HTML,
  WEFT_DOT_ARROW, /* -> */
  WEFT_DOT_LINE,  /* -- */
  WEFT_DOT_CHAR,  /* one of { } [ ] = ; , : */
} WeftDotToken;

typedef struct
{
  const char *bytes, *at, *end, *line_start;
  uint32_t line;
  WeftLocation where; /* of the token read last */
  WeftDotToken token;
  const char *start; /* its first byte */
  GString *text;     /* NAME, NUMERAL, QUOTED, HTML: as libcgraph understands it */
  GError *error;
} WeftDotScanner;

void _weft_dot_scanner_init (WeftDotScanner *scanner, const char *bytes, size_t n_bytes,
                             const char *file);
void _weft_dot_scanner_clear (WeftDotScanner *scanner);
/* Returns: false with scanner->error */
bool _weft_dot_next (WeftDotScanner *scanner);
/* Sets the error "found <the token read last>, expected …". Returns: false */
bool _weft_dot_unexpected (WeftDotScanner *scanner, const char *expected);
bool _weft_dot_fail (WeftDotScanner *scanner, WeftGraphError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* Where each node is named first, and where the graph ends. Zeroed is not valid: _weft_dot_check()
 * sets it in any case. */
typedef struct
{
  WeftIntern names;
  WeftCallLocation *places; /* by name */
  size_t n_places, room;
  size_t n_graph; /* bytes up to the graph's “}”; only comments may follow */
} WeftDotPlaces;

/* Checks a whole file. Edges from a node to itself are errors here, where their place is known. */
bool _weft_dot_check (const char *bytes, size_t n_bytes, const char *file, WeftDotPlaces *places,
                      GError **error);
void _weft_dot_places_clear (WeftDotPlaces *places);
