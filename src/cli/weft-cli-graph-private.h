/* weft-cli-graph-private.h: graphs made out of graphs: other outputs and reused tasks
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "cli/weft-cli-private.h"

/* ---- wanted.c -------------------------------------------------------------------------------- */

/* Finds the outputs named on the command line, "key" or "key[1]". Returns: (transfer full)
 * (nullable) (element-type WeftTaskOutput), %NULL with WEFT_GRAPH_ERROR_MISSING and the nearest
 * key */
GArray *_weft_cli_find_outputs (WeftGraph *graph, char **names, GError **error);

/* "key", or "key[1]" for further outputs. (transfer full) */
char *_weft_cli_output_name (WeftGraph *graph, WeftTaskOutput output);

/* ---- call-args.c ----------------------------------------------------------------------------- */

/* Calls `each` for every string constant in a task's arguments. @op: (nullable): its operation;
 * @param: the parameter it belongs to, or NULL; @chars is not 0-terminated. */
typedef void (*WeftCallStringFunc) (const char *param, const char *chars, size_t n_chars,
                                    void *data);
void _weft_cli_call_strings (WeftGraph *graph, const WeftOp *op, uint32_t task,
                             WeftCallStringFunc each, void *data);

typedef struct
{
  GPtrArray *inputs;  /* char *: existing files that are named, also by patterns */
  GPtrArray *outputs; /* char *: declared output files, whether there or not */
} WeftTaskFiles;

/* Files that a task of an operation that touches files names; none for other operations. Paths are
 * absolute. (transfer full) */
WeftTaskFiles *_weft_cli_task_files (WeftGraph *graph, WeftOpRegistry *registry, uint32_t task);
void _weft_cli_task_files_free (WeftTaskFiles *files);

/* ---- fingerprint.c --------------------------------------------------------------------------- */

/* 128 bits that stand for a task's operation, arguments and all that went into its inputs. */
typedef struct
{
  uint64_t words[2];
} WeftFingerprint;

#define WEFT_FINGERPRINT_TEXT_BYTES 33

/* (transfer full) (array): n_tasks of them. O(tasks + edges + templates). */
WeftFingerprint *_weft_cli_fingerprints (WeftGraph *graph, WeftOpRegistry *registry, uint64_t seed);
/* The same for tasks that declare what files they make, and without the times of files: these are
 * compared with one another, as make does. Of other tasks it is 0. (transfer full) (nullable):
 * %NULL when no task declares any */
WeftFingerprint *_weft_cli_recipes (WeftGraph *graph, WeftOpRegistry *registry, uint64_t seed);
/* Of no task. */
bool _weft_cli_fingerprint_is_empty (WeftFingerprint print);
/* 32 hexadecimal digits and a 0. */
void _weft_cli_fingerprint_text (WeftFingerprint print, char text[WEFT_FINGERPRINT_TEXT_BYTES]);

/* ---- keep.c ---------------------------------------------------------------------------------- */

typedef struct _WeftKeep WeftKeep;

/* Opens a folder of kept results, making it if @create. Returns: (transfer full) (nullable) */
WeftKeep *_weft_cli_keep_open (const char *path, bool create, GError **error);
/* The same for what --resume names: such a folder, or a run file that says which folder it kept its
 * results in (or none). */
WeftKeep *_weft_cli_keep_open_run (const char *path, GError **error);
void _weft_cli_keep_free (WeftKeep *keep);
/* Whether a whole, undamaged result is kept; then its encoded form. One that is a file among the
 * outputs of @files, which was changed since, is told as it is now, and @renewed set. (transfer
 * full) (nullable) */
GBytes *_weft_cli_keep_load (WeftKeep *keep, WeftFingerprint print, const WeftTaskFiles *files,
                             bool *renewed);
/* When it was kept, in wall-clock nanoseconds; -1: it is not. */
int64_t _weft_cli_keep_stored_ns (WeftKeep *keep, WeftFingerprint print);
/* Whether it was a task of that recipe that made these files last, as far as is known here. */
bool _weft_cli_keep_was_made (WeftKeep *keep, WeftFingerprint recipe, const WeftTaskFiles *files);
bool _weft_cli_keep_note_made (WeftKeep *keep, WeftFingerprint recipe, const WeftTaskFiles *files,
                               GError **error);
/* They are going to be made again. */
void _weft_cli_keep_withdraw (WeftKeep *keep, const WeftTaskFiles *files);
/* The recipes of tasks, for the run file's META frame, from where they are read again; ids are
 * those of the records. @made: (nullable) (element-type WeftFingerprint): those whose files were
 * there already. (transfer full) */
char *_weft_cli_recipes_text (const WeftFingerprint *recipes, uint32_t n_tasks, const GArray *made);
/* Writes it, atomically; if it is there already, only @again. Results that cannot be kept (foreign
 * objects) are an error. */
bool _weft_cli_keep_store (WeftKeep *keep, WeftFingerprint print, const WeftValue *value,
                           bool again, GError **error);

/* ---- resume.c -------------------------------------------------------------------------------- */

typedef struct
{
  uint32_t n_reused;   /* tasks that are not run */
  uint32_t n_by_files; /* of these: those whose output files are newer than their inputs */
} WeftResumeCounts;

/* What stands in for a task. */
enum
{
  WEFT_REUSED_NOT = 0,
  WEFT_REUSED_KEPT = 1,    /* its result */
  WEFT_REUSED_FILES = 2,   /* nothing: its files are there, what it returned is not known */
  WEFT_REUSED_RENEWED = 3, /* its result, a file that was changed since: to be kept again */
};

/* Replaces tasks whose results are kept, or whose files are there. @reused: n_tasks; set to the
 * above for each. @recipes: (nullable). Returns: (transfer full) (nullable) */
WeftGraph *_weft_cli_resume (WeftGraph *graph, WeftOpRegistry *registry,
                             const WeftFingerprint *prints, const WeftFingerprint *recipes,
                             WeftKeep *keep, uint8_t *reused, WeftResumeCounts *counts,
                             GError **error);
