/* write-util.c: what the writers of other tools' formats share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/weft-json-private.h"
#include "graph/weft-keys-private.h"
#include "graph/weft-write-util-private.h"

#include <string.h>

/* ---- what a graph says ----------------------------------------------------------------------- */

static uint32_t
said_of_attributes (const WeftTaskAttributes *attributes)
{
  uint32_t said = 0;

  if (attributes->timeout_ns != 0 || attributes->retry_delay_ns != 0 || attributes->n_resources > 0)
    said |= WEFT_SAID_ATTRIBUTES;
  if (attributes->retries != 0)
    said |= WEFT_SAID_RETRIES;
  if (attributes->priority != 0)
    said |= WEFT_SAID_PRIORITIES;
  if (attributes->label != WEFT_NONE)
    said |= WEFT_SAID_LABELS;
  if (attributes->metadata != NULL)
    said |= WEFT_SAID_TASK_METADATA;
  return said;
}

bool
_weft_write_has_own_group (const WeftGraph *graph, uint32_t task)
{
  const WeftGraphArrays *a = weft_graph_arrays (graph);
  g_autofree char *key = weft_graph_dup_key (graph, task);
  g_autofree char *group = _weft_key_dup_group (key, strlen (key));

  return strcmp (group, weft_graph_group_name (graph, a->group_of_task[task])) != 0;
}

static uint32_t
said_of_task (const WeftGraph *graph, const WeftGraphArrays *a, uint32_t task)
{
  uint32_t said = 0;

  if (a->attributes_of_task != NULL && a->attributes_of_task[task] != WEFT_NONE)
    said |= said_of_attributes (&a->attributes[a->attributes_of_task[task]]);
  if (a->calls[a->call_of_task[task]].op != 0)
    said |= WEFT_SAID_OPERATIONS;
  if (_weft_write_has_own_group (graph, task))
    said |= WEFT_SAID_GROUPS;
  if (a->hints.runtime_ns != NULL && a->hints.runtime_ns[task] >= 0)
    said |= WEFT_SAID_RUNTIMES;
  if (a->hints.machine != NULL && a->hints.machine[task] != WEFT_NONE)
    said |= WEFT_SAID_MACHINES;
  if (a->unit_flags != NULL && (a->unit_flags[task] & WEFT_UNIT_CONTINUES) != 0)
    said |= WEFT_SAID_UNITS;
  return said;
}

/* Whether all outputs of all tasks without dependents are wanted, and nothing else. */
static bool
wants_sinks (const WeftGraphArrays *a)
{
  uint64_t n = 0;

  for (uint32_t t = 0; t < a->n_tasks; t++)
    if (a->dependent_offsets[t] == a->dependent_offsets[t + 1])
      n += a->calls[a->call_of_task[t]].n_outputs;
  for (uint32_t i = 0; i < a->n_wanted; i++)
    if (a->dependent_offsets[a->wanted[i].task] != a->dependent_offsets[a->wanted[i].task + 1])
      return false;
  return n == a->n_wanted;
}

uint32_t
_weft_write_said (const WeftGraph *graph)
{
  const WeftGraphArrays *a = weft_graph_arrays (graph);
  uint32_t said = 0;

  for (uint32_t t = 0; t < a->n_tasks; t++)
    said |= said_of_task (graph, a, t);
  for (uint32_t s = 0; s < weft_graph_n_slots (graph) && a->hints.output_bytes != NULL; s++)
    if (a->hints.output_bytes[s] != UINT64_MAX)
      said |= WEFT_SAID_SIZES;
  if (weft_graph_metadata (graph) != NULL)
    said |= WEFT_SAID_METADATA;
  if (a->output_offsets != NULL)
    said |= WEFT_SAID_OUTPUTS;
  if (a->after_offsets != NULL && a->after_offsets[a->n_tasks] > 0)
    said |= WEFT_SAID_AFTERS;
  if (a->n_imports > 0)
    said |= WEFT_SAID_IMPORTS;
  if (!wants_sinks (a))
    said |= WEFT_SAID_WANTED;
  return said;
}

char *
_weft_write_lost (uint32_t said)
{
  static const char *const words[] = { "operations and their arguments",
                                       "timeouts, delays and resources",
                                       "retries",
                                       "priorities",
                                       "labels",
                                       "metadata of tasks",
                                       "metadata",
                                       "groups",
                                       "runtimes",
                                       "sizes of outputs",
                                       "machines",
                                       "which of several outputs is read",
                                       "that some edges are for the order only",
                                       "edges from other graphs",
                                       "which outputs are wanted",
                                       "which tasks are fused",
                                       "characters of keys" };
  GString *text = g_string_new (NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (words); i++)
    if ((said >> i & 1) != 0)
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", words[i]);
  return g_string_free (text, text->len == 0);
}

/* ---- names ----------------------------------------------------------------------------------- */

static bool
is_reserved (const char *name, const char *const *reserved)
{
  for (; *reserved != NULL; reserved++)
    if (g_ascii_strcasecmp (name, *reserved) == 0)
      return true;
  return false;
}

/* Returns: whether the name differs from the key */
static bool
add_name (WeftIntern *names, const char *key, bool (*is_allowed) (char),
          const char *const *reserved)
{
  g_autofree char *name = g_strdup (key);
  uint32_t task = names->n;
  uint32_t tries = 0;

  for (char *at = name; *at != 0; at++)
    if (!is_allowed (*at))
      *at = '_';
  if (!is_reserved (name, reserved) && _weft_intern_add (names, name, strlen (name)) == task)
    return strcmp (name, key) != 0;
  for (;;)
    {
      g_autofree char *numbered = g_strdup_printf ("%s_%u_%u", name, task, tries++);

      if (_weft_intern_add (names, numbered, strlen (numbered)) == task)
        return true;
    }
}

bool
_weft_write_names (const WeftGraph *graph, WeftIntern *names, bool (*is_allowed) (char),
                   const char *const *reserved)
{
  uint32_t n_tasks = weft_graph_arrays (graph)->n_tasks;
  bool changed = false;

  _weft_intern_init (names);
  for (uint32_t t = 0; t < n_tasks; t++)
    {
      g_autofree char *key = weft_graph_dup_key (graph, t);

      changed |= add_name (names, key, is_allowed, reserved);
    }
  return changed;
}

/* ---- metadata -------------------------------------------------------------------------------- */

/* To the value of a member. Returns: whether there is one */
static bool
seek_member (WeftJson *json, const char *name)
{
  if (_weft_json_next (json) != WEFT_JSON_BEGIN_OBJECT)
    return false;
  while (_weft_json_next_name (json))
    {
      if (_weft_json_is (json, name))
        return true;
      _weft_json_skip (json);
    }
  return false;
}

bool
_weft_write_find_member (const char *json, const char *name, const char **text, size_t *n_chars)
{
  WeftJson scanner;
  bool found;

  if (json == NULL)
    return false;
  _weft_json_init (&scanner, json, strlen (json), NULL);
  found = seek_member (&scanner, name) && _weft_json_raw (&scanner, text, n_chars);
  _weft_json_clear (&scanner);
  return found;
}

char *
_weft_write_find_string (const char *json, const char *name)
{
  char *text = NULL;
  WeftJson scanner;

  if (json == NULL)
    return NULL;
  _weft_json_init (&scanner, json, strlen (json), NULL);
  if (seek_member (&scanner, name) && _weft_json_next (&scanner) == WEFT_JSON_STRING)
    text = g_strndup (scanner.chars, scanner.n_chars);
  _weft_json_clear (&scanner);
  return text;
}
