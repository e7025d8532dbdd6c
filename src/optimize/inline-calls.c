/* inline-calls.c: templates with literals where slots were, and the content they are of
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A template is copied node by node. A slot becomes the literal's nodes, or a slot with a smaller
 * number: numbers stay in order of first use, as those that are left keep their order. In a list a
 * run of slots (one SLOTS node) may fall apart around literals, and what becomes neighbours is made
 * one run again, so that equal lists stay equal nodes. As texts are offsets, equal calls are equal
 * bytes; they are looked up by hash among the old calls too.
 *
 * Recursion goes as deep as templates nest, WEFT_GRAPH_MAX_DEPTH at most.
 */
#include "config.h"

#include "optimize/weft-inline-private.h"

#include "base/weft-grow-private.h"
#include "base/weft-hash-private.h"

#include <string.h>

/* ---- nodes ----------------------------------------------------------------------------------- */

static uint32_t
append_nodes (WeftInlineCalls *c, const WeftArg *nodes, uint32_t n)
{
  uint32_t at = c->n_args;

  _weft_grow_array (c->args, c->args_room, (size_t) at + n);
  memcpy (c->args + at, nodes, n * sizeof *nodes);
  c->n_args += n;
  return at;
}

static uint32_t
append_literal (WeftInlineCalls *c, uint32_t literal)
{
  return append_nodes (c, &c->a->args[literal], c->a->args[literal].skip);
}

static uint32_t
append_slot (WeftInlineCalls *c, uint32_t slot)
{
  WeftArg node;

  memset (&node, 0, sizeof node); /* nodes are compared by their bytes */
  node.kind = WEFT_ARG_SLOT;
  node.u.slot.first = slot;
  node.skip = 1;
  return append_nodes (c, &node, 1);
}

/* A list that is being written. */
typedef struct
{
  uint32_t count;
  uint32_t last; /* first node of the last item, or WEFT_NONE */
} List;

static bool
extends_run (const WeftArg *last, uint32_t slot)
{
  return (last->kind == WEFT_ARG_SLOT && last->u.slot.first + 1 == slot)
         || (last->kind == WEFT_ARG_SLOTS && last->u.slot.first + last->count == slot);
}

static void
add_list_slot (WeftInlineCalls *c, List *list, uint32_t slot)
{
  uint32_t new_slot = c->new_slots[slot];
  WeftArg *last = list->last != WEFT_NONE ? &c->args[list->last] : NULL;

  if (new_slot != WEFT_NONE && last != NULL && extends_run (last, new_slot))
    {
      last->count = (last->kind == WEFT_ARG_SLOTS ? last->count : 1) + 1;
      last->kind = WEFT_ARG_SLOTS;
      return;
    }
  list->last =
      new_slot == WEFT_NONE ? append_literal (c, c->literals[slot]) : append_slot (c, new_slot);
  list->count++;
}

static void rewrite (WeftInlineCalls *c, uint32_t at);

static void
rewrite_list_items (WeftInlineCalls *c, uint32_t at, List *list)
{
  const WeftArg *args = c->a->args;

  for (uint32_t item = at + 1; item < at + args[at].skip; item += args[item].skip)
    {
      uint8_t kind = args[item].kind;
      uint32_t n_slots = kind == WEFT_ARG_SLOTS ? args[item].count : 1;

      if (kind == WEFT_ARG_SLOT || kind == WEFT_ARG_SLOTS)
        for (uint32_t i = 0; i < n_slots; i++)
          add_list_slot (c, list, args[item].u.slot.first + i);
      else
        {
          list->last = c->n_args;
          list->count++;
          rewrite (c, item);
        }
    }
}

static void
rewrite_container (WeftInlineCalls *c, uint32_t at)
{
  const WeftArg *args = c->a->args;
  uint32_t begin = append_nodes (c, &args[at], 1);
  List list = { 0, WEFT_NONE };

  if (args[at].kind == WEFT_ARG_LIST)
    {
      rewrite_list_items (c, at, &list);
      c->args[begin].count = list.count;
    }
  else
    for (uint32_t child = at + 1; child < at + args[at].skip; child += args[child].skip)
      rewrite (c, child);
  c->args[begin].skip = c->n_args - begin;
}

static void
rewrite (WeftInlineCalls *c, uint32_t at)
{
  const WeftArg *node = &c->a->args[at];
  uint32_t slot = node->u.slot.first;

  if (node->kind == WEFT_ARG_SLOT && c->new_slots[slot] == WEFT_NONE)
    append_literal (c, c->literals[slot]);
  else if (node->kind == WEFT_ARG_SLOT)
    append_slot (c, c->new_slots[slot]);
  else if (node->kind == WEFT_ARG_LIST || node->skip > 1)
    rewrite_container (c, at);
  else
    append_nodes (c, node, 1);
}

/* ---- calls ----------------------------------------------------------------------------------- */

static const WeftCall *
get_call (const WeftInlineCalls *c, uint32_t call)
{
  return call < c->a->n_calls ? &c->a->calls[call] : &c->calls[call - c->a->n_calls];
}

static const WeftArg *
get_node (const WeftInlineCalls *c, uint32_t node)
{
  return node < c->n_known_args ? &c->a->args[node] : &c->args[node - c->n_known_args];
}

/* Nodes of positional (n_args) or keyword arguments (2 n_kwargs subtrees). */
static uint32_t
n_nodes (const WeftInlineCalls *c, uint32_t first, uint32_t n_subtrees)
{
  return n_subtrees > 0 ? _weft_inline_skip (get_node (c, first), 0, n_subtrees) : 0;
}

static uint64_t
hash_nodes (const WeftInlineCalls *c, uint32_t first, uint32_t n_subtrees, uint64_t seed)
{
  if (n_subtrees == 0)
    return seed;
  return _weft_hash_bytes (get_node (c, first), n_nodes (c, first, n_subtrees) * sizeof (WeftArg),
                           seed);
}

static uint64_t
hash_call (const WeftInlineCalls *c, const WeftCall *call)
{
  uint64_t h = _weft_hash_word (call->op, call->op_version);

  h = _weft_hash_word ((uint64_t) call->n_outputs << 32 | call->n_slots, h);
  h = hash_nodes (c, call->args, call->n_args, h);
  return hash_nodes (c, call->kwargs, 2 * call->n_kwargs, h);
}

static bool
equal_nodes (const WeftInlineCalls *c, uint32_t first, uint32_t other, uint32_t n_subtrees)
{
  uint32_t n = n_nodes (c, first, n_subtrees);

  return n == n_nodes (c, other, n_subtrees)
         && (n == 0
             || memcmp (get_node (c, first), get_node (c, other), n * sizeof (WeftArg)) == 0);
}

static bool
equal_calls (const WeftInlineCalls *c, const WeftCall *x, const WeftCall *y)
{
  return x->op == y->op && x->op_version == y->op_version && x->n_outputs == y->n_outputs
         && x->n_slots == y->n_slots && x->n_args == y->n_args && x->n_kwargs == y->n_kwargs
         && equal_nodes (c, x->args, y->args, x->n_args)
         && equal_nodes (c, x->kwargs, y->kwargs, 2 * x->n_kwargs);
}

/* The table's entry for a call: that of an equal one, or a free one. */
static uint32_t *
find_entry (const WeftInlineCalls *c, const WeftCall *call)
{
  uint32_t at = (uint32_t) hash_call (c, call) & c->table_mask;

  while (c->table[at] != 0 && !equal_calls (c, get_call (c, c->table[at] - 1), call))
    at = (at + 1) & c->table_mask;
  return &c->table[at];
}

static void
make_table (WeftInlineCalls *c)
{
  uint32_t n_calls = c->a->n_calls + c->n_calls;
  uint32_t n_entries = 64;

  while (n_entries / 4 <= n_calls)
    n_entries *= 2;
  g_free (c->table);
  c->table = g_new0 (uint32_t, n_entries);
  c->table_mask = n_entries - 1;
  for (uint32_t i = 0; i < n_calls; i++)
    *find_entry (c, get_call (c, i)) = i + 1;
}

/* Writes the call's new template behind all others. */
static WeftCall
write_call (WeftInlineCalls *c, const WeftCall *old, uint32_t n_left)
{
  WeftCall call = *old;
  uint32_t at = old->args;

  call.n_slots = n_left;
  call.args = c->n_known_args + c->n_args;
  for (uint32_t i = 0; i < old->n_args; i++, at += c->a->args[at].skip)
    rewrite (c, at);
  call.kwargs = c->n_known_args + c->n_args;
  at = old->kwargs;
  for (uint32_t i = 0; i < 2 * old->n_kwargs; i++, at += c->a->args[at].skip)
    rewrite (c, at);
  return call;
}

uint32_t
_weft_inline_calls_rewrite (WeftInlineCalls *c, uint32_t old_call, uint32_t n_left)
{
  uint32_t n_args = c->n_args;
  uint32_t *entry;
  WeftCall call = write_call (c, &c->a->calls[old_call], n_left);

  if ((c->a->n_calls + c->n_calls) >= c->table_mask / 2)
    make_table (c);
  entry = find_entry (c, &call);
  if (*entry != 0)
    {
      c->n_args = n_args;
      return *entry - 1;
    }
  _weft_grow_array (c->calls, c->calls_room, (size_t) c->n_calls + 1);
  _weft_grow_array (c->origins, c->origins_room, (size_t) c->n_calls + 1);
  c->origins[c->n_calls] = old_call;
  c->calls[c->n_calls++] = call;
  *entry = c->a->n_calls + c->n_calls;
  return *entry - 1;
}

void
_weft_inline_calls_reserve (WeftInlineCalls *c, uint32_t n_inputs)
{
  _weft_grow_array (c->new_slots, c->new_slots_room, n_inputs);
  _weft_grow_array (c->literals, c->literals_room, n_inputs);
}

void
_weft_inline_calls_init (WeftInlineCalls *c, const WeftGraph *graph)
{
  *c = (WeftInlineCalls){ .a = &graph->arrays, .n_known_args = graph->content->n_args };
  make_table (c);
}

void
_weft_inline_calls_clear (WeftInlineCalls *c)
{
  g_free (c->args);
  g_free (c->calls);
  g_free (c->origins);
  g_free (c->table);
  g_free (c->new_slots);
  g_free (c->literals);
}

/* ---- content --------------------------------------------------------------------------------- */

/* (transfer full): the first array and, behind it, the second */
static void *
join_arrays (const void *first, size_t n_first, const void *second, size_t n_second,
             size_t item_bytes)
{
  char *joined = g_malloc_n (n_first + n_second + 1, item_bytes);

  if (n_first > 0)
    memcpy (joined, first, n_first * item_bytes);
  if (n_second > 0)
    memcpy (joined + n_first * item_bytes, second, n_second * item_bytes);
  return joined;
}

/* Without the table, which whoever looks for something makes. */
static WeftIntern
copy_intern (const WeftIntern *intern)
{
  WeftIntern copy = { .n_text = intern->n_text, .n = intern->n, .seed = intern->seed };

  if (intern->n == 0)
    return copy;
  copy.text_room = intern->n_text;
  copy.text = g_memdup2 (intern->text, intern->n_text);
  copy.offsets_room = (size_t) intern->n + 1;
  copy.offsets = g_memdup2 (intern->offsets, copy.offsets_room * sizeof *copy.offsets);
  return copy;
}

static void
copy_attributes (WeftGraphContent *copy, const WeftGraphContent *old)
{
  copy->n_attributes = old->n_attributes;
  copy->attributes = g_memdup2 (old->attributes, old->n_attributes * sizeof *old->attributes);
  copy->n_resources = old->n_resources;
  copy->resources = g_memdup2 (old->resources, old->n_resources * sizeof *old->resources);
  copy->n_attribute_text = old->n_attribute_text;
  copy->attribute_text = g_memdup2 (old->attribute_text, old->n_attribute_text);
  for (uint32_t i = 0; i < copy->n_attributes; i++)
    {
      WeftTaskAttributes *attributes = &copy->attributes[i];

      if (attributes->resources != NULL)
        attributes->resources = copy->resources + (attributes->resources - old->resources);
      if (attributes->metadata != NULL)
        attributes->metadata = copy->attribute_text + (attributes->metadata - old->attribute_text);
    }
}

/* Constants are let go by the content that has them, so one more holds that content. */
static void
borrow_constants (WeftGraphContent *copy, WeftGraphContent *old)
{
  if (old->n_constants == 0)
    return;
  copy->constants = g_new0 (WeftConstant, (size_t) old->n_constants + 1);
  for (uint32_t i = 0; i < old->n_constants; i++)
    copy->constants[i].object = old->constants[i].object;
  copy->constants[old->n_constants] =
      (WeftConstant){ _weft_graph_content_ref (old), (GDestroyNotify) _weft_graph_content_unref };
  copy->n_constants = old->n_constants + 1;
}

static WeftCallLocation *
join_locations (const WeftInlineCalls *c, const WeftCallLocation *old)
{
  WeftCallLocation *locations;

  if (old == NULL)
    return NULL;
  locations = g_new (WeftCallLocation, (size_t) c->a->n_calls + c->n_calls + 1);
  memcpy (locations, old, c->a->n_calls * sizeof *old);
  for (uint32_t i = 0; i < c->n_calls; i++)
    locations[c->a->n_calls + i] = old[c->origins[i]];
  return locations;
}

WeftGraphContent *
_weft_inline_calls_content (const WeftInlineCalls *c, WeftGraph *graph)
{
  WeftGraphContent *old = graph->content;
  WeftGraphContent *copy = g_new0 (WeftGraphContent, 1);

  atomic_init (&copy->refs, 1);
  pthread_mutex_init (&copy->lock, NULL);
  copy->strings = copy_intern (&old->strings);
  copy->patterns = copy_intern (&old->patterns);
  copy->n_calls = c->a->n_calls + c->n_calls;
  copy->calls = join_arrays (c->a->calls, c->a->n_calls, c->calls, c->n_calls, sizeof *c->calls);
  copy->call_locations = join_locations (c, old->call_locations);
  copy->n_args = c->n_known_args + c->n_args;
  copy->args = join_arrays (old->args, old->n_args, c->args, c->n_args, sizeof *c->args);
  copy_attributes (copy, old);
  copy->n_groups = old->n_groups;
  copy->group_names = g_memdup2 (old->group_names, old->n_groups * sizeof *old->group_names);
  borrow_constants (copy, old);
  copy->name = g_strdup (old->name);
  copy->metadata = g_strdup (old->metadata);
  copy->file = g_strdup (old->file);
  return copy;
}
