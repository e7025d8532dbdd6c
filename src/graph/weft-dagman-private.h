/* weft-dagman-private.h: what a DAGMan file says, between reading and building
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Commands name a node before or after the JOB that defines it, so all is gathered by node first
 * and built at the end (dagman-build.c).
 */
#pragma once

#include "base/weft-intern-private.h"
#include "graph/weft-read-edges-private.h"

/* A piece of the input. */
typedef struct
{
  const char *chars; /* NULL: none */
  size_t n;
} WeftDagText;

/* ---- words (dagman-words.c) ------------------------------------------------------------------ */

typedef struct
{
  const char *bytes, *at, *end, *line_start;
  uint32_t line;
  WeftLocation where; /* of the word read last, or of the end of the line */
  WeftDagText word;   /* chars == NULL: the line is at its end */
  GError *error;      /* (nullable) (owned) */
} WeftDagWords;

void _weft_dag_words_init (WeftDagWords *words, const char *bytes, size_t n_bytes,
                           const char *file);
/* To the first word of the next line that has one. Returns: false at the end */
bool _weft_dag_next_line (WeftDagWords *words);
/* To the next word of the line. Returns: false at the line's end, and for errors */
bool _weft_dag_next_word (WeftDagWords *words);
/* The same, but a word must be there. */
bool _weft_dag_expect_word (WeftDagWords *words, const char *what);
/* No more words may be there. */
bool _weft_dag_expect_end (WeftDagWords *words);
/* A word that is a whole number from min to max. */
bool _weft_dag_expect_int64 (WeftDagWords *words, int64_t min, int64_t max, const char *what,
                             int64_t *value);
/* Whether the word read last is this one, in upper or lower case. */
bool _weft_dag_is (const WeftDagWords *words, const char *text);
/* Past the lines up to and with the one whose only word is @last. */
bool _weft_dag_skip_block (WeftDagWords *words, const char *last);
bool _weft_dag_fail (WeftDagWords *words, WeftGraphError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
/* "found <the word read last>, expected …" Returns: false */
bool _weft_dag_unexpected (WeftDagWords *words, const char *expected);

/* ---- nodes ----------------------------------------------------------------------------------- */

/* What commands say of one node, or of all that say nothing themselves. */
typedef struct
{
  WeftCallLocation place; /* where it is defined, else first named */
  bool is_defined, is_final, is_noop, is_done;
  bool has_retries, has_priority;
  uint32_t retries;
  int32_t priority;
  uint32_t category; /* in categories, or WEFT_NONE */
  WeftDagText submit, dir;
  GString *vars; /* (nullable) (owned): members of a JSON object */
} WeftDagNode;

/* A command that was understood but does nothing here. */
typedef struct
{
  const char *command;
  const char *without;    /* what is not so without it */
  WeftCallLocation place; /* of the first */
  uint32_t n;
} WeftDagIgnored;

typedef struct
{
  const char *file;
  WeftIntern names;
  WeftDagNode *nodes; /* by name */
  uint32_t n_nodes;
  size_t nodes_room;
  WeftDagNode all;
  uint32_t final;     /* WEFT_NONE: none */
  WeftEdgeList edges; /* by name */
  WeftIntern categories;
  int64_t *max_jobs; /* by category; -1: not limited */
  size_t n_max_jobs, max_jobs_room;
  WeftDagIgnored *ignored;
  size_t n_ignored, ignored_room;
} WeftDag;

/* Builds everything. Mistakes are the builder's, at their places. */
void _weft_dag_build (WeftDag *dag, WeftGraphBuilder *builder);
