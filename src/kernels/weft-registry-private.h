/* weft-registry-private.h: the inside of a registry, and the tables of built-in operations
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "kernels/weft-op.h"

#include <pthread.h>
#include <stdatomic.h>

struct _WeftOpRegistry
{
  _Atomic uint32_t refs;
  pthread_mutex_t lock;
  GHashTable *ops;       /* lock: name → GPtrArray of WeftOp *, newest version first */
  GPtrArray *all;        /* lock: every WeftOp *, owned */
  GPtrArray *class_sets; /* lock: WeftForeignClasses *, owned: all snapshots, the newest last */
  GPtrArray *plugins;    /* lock: handles of dlopen(), each once */
};

/* One family of operations. */
typedef struct
{
  const WeftOp *ops;
  size_t n_ops;
} WeftOpTable;

extern const WeftOpTable _weft_ops_exec;
extern const WeftOpTable _weft_ops_file;
extern const WeftOpTable _weft_ops_list;
extern const WeftOpTable _weft_ops_number;
extern const WeftOpTable _weft_ops_record;
extern const WeftOpTable _weft_ops_string;
extern const WeftOpTable _weft_ops_value;
extern const WeftOpTable _weft_ops_work;

/* Checks one operation by itself. Returns: false with WEFT_OP_ERROR_INVALID */
bool _weft_op_check (const WeftOp *op, GError **error);
