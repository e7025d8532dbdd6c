/* read-support.h: what the tests of the readers of foreign graph files share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "graph/weft-graph-file.h"
#include "test-support.h"

#include <string.h>

/* ---- bad inputs ------------------------------------------------------------------------------ */

typedef struct
{
  const char *name;
  const char *text;
  size_t n; /* of @text, which may have zero bytes */
  WeftGraphError code;
  const char *message;
} BadInput;

#define BAD(name, code, text, message)                              \
  {                                                                 \
    name, text, sizeof (text) - 1, WEFT_GRAPH_ERROR_##code, message \
  }

/* The file's name is what stands before the first colon of the message. */
static inline void
assert_bad_input (const BadInput *bad, WeftGraphFormat format)
{
  g_autofree char *exact = g_memdup2 (bad->text, bad->n); /* no 0 behind it */
  g_autofree char *file = g_strndup (bad->message, strcspn (bad->message, ":"));
  g_autoptr (GError) error = NULL;

  g_assert_null (weft_graph_read_bytes (exact, bad->n, file, format, &error));
  g_assert_error (error, WEFT_GRAPH_ERROR, (int) bad->code);
  g_assert_cmpstr (error->message, ==, bad->message);
}

static inline void
add_bad_inputs (const char *unit, const BadInput *bad, size_t n, GTestDataFunc func)
{
  for (size_t i = 0; i < n; i++)
    {
      g_autofree char *path = g_strdup_printf ("/weft/graph/%s/bad/%s", unit, bad[i].name);

      g_test_add_data_func (path, &bad[i], func);
    }
}

/* ---- good ones ------------------------------------------------------------------------------- */

static inline WeftGraph *
read_text (const char *text, WeftGraphFormat format)
{
  g_autoptr (GError) error = NULL;
  WeftGraph *graph = weft_graph_read_bytes (text, strlen (text), "good", format, &error);

  g_assert_no_error (error);
  weft_graph_validate (graph, &error);
  g_assert_no_error (error);
  return graph;
}

static inline bool
append_text_cb (const char *bytes, size_t n_bytes, void *data, GError **error)
{
  g_string_append_len (data, bytes, (gssize) n_bytes);
  return true;
}

/* @lost: (out) (nullable). (transfer full) */
static inline char *
write_text (const WeftGraph *graph, WeftGraphFormat format, char **lost)
{
  GString *text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  weft_graph_write (graph, format, append_text_cb, text, lost, &error);
  g_assert_no_error (error);
  return g_string_free (text, FALSE);
}

/* Written in another format and read again. */
static inline WeftGraph *
write_and_read (const WeftGraph *graph, WeftGraphFormat format)
{
  g_autofree char *text = write_text (graph, format, NULL);

  return read_text (text, format);
}

static inline int
compare_words (const void *a, const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Keys of what a task waits for, sorted, a blank between; “key:2” for output 2, “(key)” for the
 * order only. (transfer full) */
static inline char *
inputs_text (const WeftGraph *graph, const char *key)
{
  const WeftGraphArrays *a = weft_graph_arrays (graph);
  uint32_t t = weft_graph_find (graph, key, -1);
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);

  g_assert_cmpuint (t, !=, WEFT_NONE);
  for (uint32_t e = a->input_offsets[t]; e < a->input_offsets[t + 1]; e++)
    {
      g_autofree char *from = weft_graph_dup_key (graph, a->input_tasks[e]);
      uint32_t output = a->input_outputs != NULL ? a->input_outputs[e] : 0;

      g_ptr_array_add (words,
                       output == 0 ? g_strdup (from) : g_strdup_printf ("%s:%u", from, output));
    }
  for (uint32_t e = a->after_offsets != NULL ? a->after_offsets[t] : 0;
       a->after_offsets != NULL && e < a->after_offsets[t + 1]; e++)
    {
      g_autofree char *from = weft_graph_dup_key (graph, a->after_tasks[e]);

      g_ptr_array_add (words, g_strdup_printf ("(%s)", from));
    }
  g_ptr_array_sort (words, compare_words);
  g_ptr_array_add (words, NULL);
  return g_strjoinv (" ", (char **) words->pdata);
}

static inline void
assert_inputs (const WeftGraph *graph, const char *key, const char *expected)
{
  g_autofree char *inputs = inputs_text (graph, key);

  g_assert_cmpstr (inputs, ==, expected);
}

static inline void
assert_group (const WeftGraph *graph, const char *key, const char *group)
{
  const WeftGraphArrays *a = weft_graph_arrays (graph);

  g_assert_cmpstr (
      weft_graph_group_name (graph, a->group_of_task[weft_graph_find (graph, key, -1)]), ==, group);
}

static inline const WeftTaskAttributes *
attributes_of (const WeftGraph *graph, const char *key)
{
  const WeftGraphArrays *a = weft_graph_arrays (graph);
  uint32_t task = weft_graph_find (graph, key, -1);

  g_assert_nonnull (a->attributes_of_task);
  g_assert_cmpuint (a->attributes_of_task[task], !=, WEFT_NONE);
  return &a->attributes[a->attributes_of_task[task]];
}

static inline const char *
label_of (const WeftGraph *graph, const char *key)
{
  const WeftGraphArrays *a = weft_graph_arrays (graph);
  uint32_t task = weft_graph_find (graph, key, -1);

  if (a->attributes_of_task == NULL || a->attributes_of_task[task] == WEFT_NONE
      || a->attributes[a->attributes_of_task[task]].label == WEFT_NONE)
    return NULL;
  return weft_graph_string (graph, a->attributes[a->attributes_of_task[task]].label);
}

static inline int64_t
runtime_of (const WeftGraph *graph, const char *key)
{
  const WeftGraphHints *hints = &weft_graph_arrays (graph)->hints;

  return hints->runtime_ns != NULL ? hints->runtime_ns[weft_graph_find (graph, key, -1)] : -1;
}

static inline const char *
machine_of (const WeftGraph *graph, const char *key)
{
  const WeftGraphHints *hints = &weft_graph_arrays (graph)->hints;
  uint32_t task = weft_graph_find (graph, key, -1);

  if (hints->machine == NULL || hints->machine[task] == WEFT_NONE)
    return NULL;
  return weft_graph_string (graph, hints->machine[task]);
}

/* Sizes of a task's outputs, “10 20 ?”. */
static inline void
assert_bytes (const WeftGraph *graph, const char *key, const char *expected)
{
  const WeftGraphArrays *a = weft_graph_arrays (graph);
  uint32_t task = weft_graph_find (graph, key, -1);
  g_autoptr (GString) text = g_string_new (NULL);

  for (uint32_t k = 0; k < a->calls[a->call_of_task[task]].n_outputs; k++)
    {
      uint64_t bytes = a->hints.output_bytes != NULL
                           ? a->hints.output_bytes[weft_graph_output_slot (a, task, k)]
                           : UINT64_MAX;

      if (k > 0)
        g_string_append_c (text, ' ');
      if (bytes == UINT64_MAX)
        g_string_append_c (text, '?');
      else
        g_string_append_printf (text, "%" G_GUINT64_FORMAT, bytes);
    }
  g_assert_cmpstr (text->str, ==, expected);
}

/* ---- real files ------------------------------------------------------------------------------ */

/* The folder of real graph files, which stands beside the project's; where there is none, the test
 * is skipped and says so. (transfer full) (nullable) */
static inline char *
real_files (const char *folder)
{
  g_autofree char *tests = test_source_path ("");
  g_autofree char *path =
      g_build_filename (tests, "..", "..", "shared", "data", "graphs", folder, NULL);

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&path);
  g_test_skip ("no real graph files in ../shared/data/graphs beside the project");
  return NULL;
}

static inline WeftGraph *
read_path (const char *path)
{
  g_autoptr (GError) error = NULL;
  WeftGraph *graph = weft_graph_read_file (path, WEFT_GRAPH_FORMAT_AUTO, &error);

  g_assert_no_error (error);
  weft_graph_validate (graph, &error);
  g_assert_no_error (error);
  return graph;
}
