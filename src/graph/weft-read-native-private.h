/* weft-read-native-private.h: the reader of native graph files, shared by its two halves
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "graph/weft-graph-read-private.h"
#include "graph/weft-json-private.h"

#define MAX_OUTPUT 65534
#define MAX_SECONDS 9e9 /* some 285 years, what int64 nanoseconds hold */

/* What a task says besides its call. */
typedef struct
{
  uint32_t id;
  WeftLocation where;
  int64_t runtime_ns;
  uint32_t machine;
  uint32_t n_outputs;
  bool has_bytes;
  bool has_attributes;
  WeftTaskAttributes attributes;
} WeftNativeTask;

typedef struct
{
  WeftJson json;
  WeftGraphBuilder *builder;
  WeftNativeTask task;
  WeftInputSet inputs;
  GHashTable *imports; /* (nullable): “output key” → builder id */
  GArray *afters;      /* uint32_t, of the task */
  GArray *bytes;       /* uint64_t, of the task's outputs */
  GArray *resources;   /* WeftResourceNeed, of the task */
  WeftTaskAttributes defaults;
  GArray *default_resources;
  bool has_defaults;
  bool defaults_known; /* this is the second pass */
} WeftNativeReader;

/* read-native-values.c: texts, references and argument values. FALSE: the error is set. */
void _weft_native_set_place (WeftNativeReader *reader);
bool _weft_native_expect_text (WeftNativeReader *reader, const char *what);
bool _weft_native_expect_string_id (WeftNativeReader *reader, const char *what, uint32_t *id);
bool _weft_native_expect_seconds (WeftNativeReader *reader, const char *what, int64_t *ns);
char *_weft_native_read_metadata (WeftNativeReader *reader);
bool _weft_native_mention (WeftNativeReader *reader, uint32_t *task);
bool _weft_native_read_reference (WeftNativeReader *reader, WeftTaskOutput *reference);
bool _weft_native_read_this_value (WeftNativeReader *reader);
bool _weft_native_read_value (WeftNativeReader *reader);
