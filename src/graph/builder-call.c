/* builder-call.c: argument templates, node by node; equal ones are one call
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Nodes of the open call are appended behind those of the closed ones. Texts are interned, so a
 * node says all by its own bytes, and two calls are equal when their nodes are, byte by byte.
 * Closing a call looks it up in a table by the hash of its bytes; if an equal one is there the new
 * nodes are dropped.
 *
 * A stack of frames says what is open. When a value is complete its frame counts it; a tag closes
 * itself after its one value. Neighbouring inputs as items of a list become one SLOTS node,
 * however they were given, so equal lists are equal nodes.
 */
#include "config.h"

#include "graph/weft-builder-private.h"

#include "base/weft-grow-private.h"
#include "base/weft-hash-private.h"

#include <string.h>

enum
{
  FRAME_ARGS = 254,
  FRAME_KWARGS = 255
};

#define MAX_OUTPUTS 65535

/* A mistake of the caller's program; the call is useless from here on. */
static void
call_mistake (WeftGraphBuilder *builder, const char *message)
{
  builder->open_call.failed = true;
  _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_FORMAT, "%s", message);
}

static WeftCallFrame *
top_frame (WeftGraphBuilder *builder)
{
  return &builder->open_call.frames[builder->open_call.depth - 1];
}

static bool
is_named_frame (const WeftCallFrame *frame)
{
  return frame->kind == FRAME_KWARGS || frame->kind == WEFT_ARG_RECORD;
}

static WeftArg *
append_node (WeftGraphBuilder *builder, WeftArgKind kind, uint32_t count)
{
  WeftArg *node;

  _weft_grow_array (builder->args, builder->args_room, builder->n_args + 1);
  node = &builder->args[builder->n_args++];
  memset (node, 0, sizeof *node); /* padding too: nodes are compared by their bytes */
  node->kind = (uint8_t) kind;
  node->count = count;
  node->skip = 1;
  return node;
}

/* A value is about to begin: a call must be open and a name given where one is needed. */
static bool
begin_value (WeftGraphBuilder *builder)
{
  WeftOpenCall *open = &builder->open_call;
  WeftCallFrame *frame;

  if (!open->open || open->failed)
    {
      if (!open->open)
        call_mistake (builder, "found an argument outside of any call");
      return false;
    }
  frame = top_frame (builder);
  if (is_named_frame (frame) && !frame->named)
    {
      call_mistake (builder, "found a value without a name in a record or among keyword arguments");
      return false;
    }
  return true;
}

/* A value that began at @node is complete. */
static void
end_value (WeftGraphBuilder *builder, uint32_t node)
{
  WeftOpenCall *open = &builder->open_call;
  WeftCallFrame *frame = top_frame (builder);

  frame->count++;
  frame->named = false;
  frame->last = node;
  while (frame->kind == WEFT_ARG_TAGGED)
    {
      builder->args[frame->node].skip = (uint32_t) builder->n_args - frame->node;
      node = frame->node;
      open->depth--;
      frame = top_frame (builder);
      frame->count++;
      frame->named = false;
      frame->last = node;
    }
}

/* A node of one value, to be filled by the caller before anything else is added; NULL after
 * mistakes. */
static WeftArg *
add_leaf (WeftGraphBuilder *builder, WeftArgKind kind, uint32_t count)
{
  WeftArg *node;

  if (!begin_value (builder))
    return NULL;
  node = append_node (builder, kind, count);
  end_value (builder, (uint32_t) builder->n_args - 1);
  return node;
}

static void
push_frame (WeftGraphBuilder *builder, uint8_t kind, uint32_t node)
{
  WeftOpenCall *open = &builder->open_call;

  if (open->depth > WEFT_GRAPH_MAX_DEPTH)
    {
      open->failed = true;
      _weft_graph_builder_mistake (
          builder, WEFT_GRAPH_ERROR_DEPTH,
          "found arguments nested deeper than %d, the most that is allowed", WEFT_GRAPH_MAX_DEPTH);
      return;
    }
  open->frames[open->depth++] = (WeftCallFrame){ .kind = kind, .node = node, .last = WEFT_NONE };
}

static void
begin_container (WeftGraphBuilder *builder, WeftArgKind kind)
{
  if (!begin_value (builder))
    return;
  append_node (builder, kind, 0);
  push_frame (builder, (uint8_t) kind, (uint32_t) builder->n_args - 1);
}

/* Text of up to WEFT_GRAPH_MAX_TEXT_BYTES among the strings. Returns: its offset */
static uint64_t
add_text (WeftGraphBuilder *builder, const void *bytes, size_t n_bytes)
{
  uint32_t id;

  if (n_bytes > WEFT_GRAPH_MAX_TEXT_BYTES)
    {
      builder->open_call.failed = true;
      _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_RANGE,
                                   "found a constant of %zu bytes, expected at most %u: a task has "
                                   "to make it, or read it from a file",
                                   n_bytes, WEFT_GRAPH_MAX_TEXT_BYTES);
      return 0;
    }
  id = _weft_intern_add (&builder->strings, n_bytes > 0 ? bytes : "", n_bytes);
  return builder->strings.offsets[id];
}

static void
add_text_leaf (WeftGraphBuilder *builder, WeftArgKind kind, const void *bytes, size_t n_bytes)
{
  uint64_t offset;
  WeftArg *node;

  if (!builder->open_call.open || builder->open_call.failed)
    {
      begin_value (builder);
      return;
    }
  offset = add_text (builder, bytes, n_bytes);
  node = add_leaf (builder, kind, (uint32_t) n_bytes);
  if (node != NULL)
    node->u.offset = offset;
}

/* ---- values ---------------------------------------------------------------------------------- */

void
weft_graph_builder_arg_none (WeftGraphBuilder *builder)
{
  add_leaf (builder, WEFT_ARG_NONE, 0);
}

void
weft_graph_builder_arg_bool (WeftGraphBuilder *builder, bool b)
{
  WeftArg *node = add_leaf (builder, WEFT_ARG_BOOL, 0);

  if (node != NULL)
    node->u.b = b;
}

void
weft_graph_builder_arg_int64 (WeftGraphBuilder *builder, int64_t i)
{
  WeftArg *node = add_leaf (builder, WEFT_ARG_INT64, 0);

  if (node != NULL)
    node->u.i = i;
}

void
weft_graph_builder_arg_float64 (WeftGraphBuilder *builder, double f)
{
  WeftArg *node = add_leaf (builder, WEFT_ARG_FLOAT64, 0);

  if (node != NULL)
    node->u.f = f;
}

void
weft_graph_builder_arg_string (WeftGraphBuilder *builder, const char *chars, gssize n_chars)
{
  add_text_leaf (builder, WEFT_ARG_STRING, chars, n_chars >= 0 ? (size_t) n_chars : strlen (chars));
}

void
weft_graph_builder_arg_bytes (WeftGraphBuilder *builder, const void *bytes, size_t n_bytes)
{
  add_text_leaf (builder, WEFT_ARG_BYTES, bytes, n_bytes);
}

void
weft_graph_builder_arg_encoded (WeftGraphBuilder *builder, const void *bytes, size_t n_bytes)
{
  add_text_leaf (builder, WEFT_ARG_ENCODED, bytes, n_bytes);
}

void
weft_graph_builder_arg_begin_list (WeftGraphBuilder *builder)
{
  begin_container (builder, WEFT_ARG_LIST);
}

void
weft_graph_builder_arg_begin_record (WeftGraphBuilder *builder)
{
  begin_container (builder, WEFT_ARG_RECORD);
}

void
weft_graph_builder_arg_begin_map (WeftGraphBuilder *builder)
{
  begin_container (builder, WEFT_ARG_MAP);
}

static void
append_name (WeftGraphBuilder *builder, const char *chars, size_t n_chars)
{
  uint64_t offset = add_text (builder, chars, n_chars);

  append_node (builder, WEFT_ARG_STRING, (uint32_t) n_chars)->u.offset = offset;
}

void
weft_graph_builder_arg_tag (WeftGraphBuilder *builder, const char *tag)
{
  uint32_t node = (uint32_t) builder->n_args;

  if (!begin_value (builder))
    return;
  append_node (builder, WEFT_ARG_TAGGED, 1);
  append_name (builder, tag, strlen (tag));
  push_frame (builder, WEFT_ARG_TAGGED, node);
}

void
weft_graph_builder_arg_name (WeftGraphBuilder *builder, const char *name, gssize n_chars)
{
  WeftCallFrame *frame;

  if (!builder->open_call.open || builder->open_call.failed)
    return;
  frame = top_frame (builder);
  if (!is_named_frame (frame) || frame->named)
    {
      call_mistake (builder, "found a name where a value is expected");
      return;
    }
  frame->named = true;
  append_name (builder, name, n_chars >= 0 ? (size_t) n_chars : strlen (name));
}

/* Names are interned, so equal ones have one offset. @n pairs lie from @first on. */
static void
check_names (WeftGraphBuilder *builder, uint32_t first, uint32_t n)
{
  WeftInputSet names = { 0 };

  for (uint32_t i = 0, at = first; i < n && n > 1; i++, at += 1 + builder->args[at + 1].skip)
    {
      uint64_t offset = builder->args[at].u.offset;

      if (_weft_input_set_add (&names, (uint32_t) offset, (uint32_t) (offset >> 32)) == i)
        continue;
      builder->open_call.failed = true;
      _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_DUPLICATE,
                                   "found the name “%s” a second time in a record or among keyword "
                                   "arguments, expected each once",
                                   builder->strings.text + offset);
    }
  _weft_input_set_clear (&names);
}

void
weft_graph_builder_arg_end (WeftGraphBuilder *builder)
{
  WeftOpenCall *open = &builder->open_call;
  WeftCallFrame *frame;
  WeftArg *node;

  if (!open->open || open->failed)
    return;
  frame = top_frame (builder);
  if (open->depth == 1 || frame->kind == WEFT_ARG_TAGGED || frame->named
      || (frame->kind == WEFT_ARG_MAP && frame->count % 2 != 0))
    {
      call_mistake (builder,
                    "found the end of a list, record or map that is not open or not whole");
      return;
    }
  node = &builder->args[frame->node];
  node->count = frame->kind == WEFT_ARG_MAP ? frame->count / 2 : frame->count;
  node->skip = (uint32_t) builder->n_args - frame->node;
  if (frame->kind == WEFT_ARG_RECORD)
    check_names (builder, frame->node + 1, node->count);
  open->depth--;
  end_value (builder, frame->node);
}

/* ---- inputs ---------------------------------------------------------------------------------- */

/* Whether inputs from @first on go on the run that ends the open list. */
static bool
extends_run (WeftGraphBuilder *builder, uint32_t first)
{
  const WeftCallFrame *frame = top_frame (builder);
  const WeftArg *last;

  if (frame->kind != WEFT_ARG_LIST || frame->last == WEFT_NONE)
    return false;
  last = &builder->args[frame->last];
  return (last->kind == WEFT_ARG_SLOT && last->u.slot.first + 1 == first)
         || (last->kind == WEFT_ARG_SLOTS && last->u.slot.first + last->count == first);
}

static void
add_run (WeftGraphBuilder *builder, uint32_t first, uint32_t n)
{
  WeftArg *node;

  if (extends_run (builder, first))
    {
      node = &builder->args[top_frame (builder)->last];
      node->count = (node->kind == WEFT_ARG_SLOTS ? node->count : 1) + n;
      node->kind = WEFT_ARG_SLOTS;
      return;
    }
  node = add_leaf (builder, n == 1 ? WEFT_ARG_SLOT : WEFT_ARG_SLOTS, n == 1 ? 0 : n);
  if (node != NULL)
    node->u.slot.first = first;
}

void
weft_graph_builder_arg_slots (WeftGraphBuilder *builder, uint32_t first, uint32_t n)
{
  WeftOpenCall *open = &builder->open_call;

  if (n == 0 || !begin_value (builder))
    return;
  if (first > open->call.n_slots || n > WEFT_GRAPH_MAX_TASKS - first)
    {
      call_mistake (builder, "found an input whose number is not the next one; inputs are numbered "
                             "from 0 in order of first use");
      return;
    }
  open->call.n_slots = MAX (open->call.n_slots, first + n);
  if (top_frame (builder)->kind == WEFT_ARG_LIST)
    add_run (builder, first, n);
  else
    for (uint32_t i = 0; i < n && begin_value (builder); i++)
      add_run (builder, first + i, 1);
}

void
weft_graph_builder_arg_slot (WeftGraphBuilder *builder, uint32_t slot)
{
  weft_graph_builder_arg_slots (builder, slot, 1);
}

void
weft_graph_builder_arg_constant (WeftGraphBuilder *builder, void *object, GDestroyNotify free)
{
  add_leaf (builder, WEFT_ARG_CONSTANT, (uint32_t) builder->n_constants);
  _weft_grow_array (builder->constants, builder->constants_room, builder->n_constants + 1);
  builder->constants[builder->n_constants++] = (WeftConstant){ object, free };
}

/* ---- whole calls ----------------------------------------------------------------------------- */

void
_weft_graph_builder_set_call_op (WeftGraphBuilder *builder, const char *op, gssize n_chars)
{
  builder->open_call.call.op =
      add_text (builder, op, n_chars >= 0 ? (size_t) n_chars : strlen (op));
  builder->open_call.place = (WeftCallLocation){ builder->where.line, builder->where.column };
}

void
_weft_graph_builder_set_call_outputs (WeftGraphBuilder *builder, uint32_t n_outputs)
{
  if (n_outputs < 1 || n_outputs > MAX_OUTPUTS)
    {
      builder->open_call.failed = true;
      _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_RANGE,
                                   "found %u outputs, expected 1 to %d", n_outputs, MAX_OUTPUTS);
      return;
    }
  builder->open_call.call.n_outputs = n_outputs;
}

void
_weft_graph_builder_set_call_version (WeftGraphBuilder *builder, uint32_t op_version)
{
  builder->open_call.call.op_version = op_version;
}

void
weft_graph_builder_begin_call (WeftGraphBuilder *builder, const char *op, uint32_t op_version,
                               uint32_t n_outputs)
{
  WeftOpenCall *open = &builder->open_call;

  if (open->open)
    _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_FORMAT,
                                 "a call was begun before the last one was ended");
  open->open = true;
  open->failed = false;
  open->call = (WeftCall){ .op_version = op_version, .args = (uint32_t) builder->n_args };
  open->place = (WeftCallLocation){ builder->where.line, builder->where.column };
  open->depth = 0;
  push_frame (builder, FRAME_ARGS, 0);
  _weft_graph_builder_set_call_outputs (builder, n_outputs);
  if (op != NULL)
    _weft_graph_builder_set_call_op (builder, op, -1);
}

void
weft_graph_builder_begin_kwargs (WeftGraphBuilder *builder)
{
  WeftOpenCall *open = &builder->open_call;

  if (!open->open || open->failed)
    return;
  if (open->depth != 1 || top_frame (builder)->kind != FRAME_ARGS)
    {
      call_mistake (builder,
                    "found keyword arguments inside another argument or for a second time");
      return;
    }
  open->call.n_args = top_frame (builder)->count;
  open->call.kwargs = (uint32_t) builder->n_args;
  open->depth = 0;
  push_frame (builder, FRAME_KWARGS, 0);
}

/* The nodes from the open call's first to the end belong to it. */
static uint64_t
hash_call (const WeftCall *call, const WeftArg *args, size_t n_args)
{
  uint64_t h = _weft_hash_word (call->op, call->op_version);

  h = _weft_hash_word ((uint64_t) call->n_outputs << 32 | call->n_slots, h);
  h = _weft_hash_word ((uint64_t) call->n_args << 32 | call->n_kwargs, h);
  return _weft_hash_bytes (args, n_args * sizeof *args, h);
}

/* Nodes of a closed call, while another one is open. */
static size_t
call_length (const WeftGraphBuilder *builder, size_t call)
{
  bool is_last = call + 1 == builder->n_calls;
  size_t end = is_last ? builder->open_call.call.args : builder->call_list[call + 1].args;

  return end - builder->call_list[call].args;
}

/* Whether a closed call equals one whose @n nodes lie behind all others. */
static bool
is_equal_call (const WeftGraphBuilder *builder, size_t known, const WeftCall *call, size_t n)
{
  const WeftCall *other = &builder->call_list[known];

  return other->op == call->op && other->op_version == call->op_version
         && other->n_args == call->n_args && other->n_kwargs == call->n_kwargs
         && other->n_slots == call->n_slots && other->n_outputs == call->n_outputs
         && call_length (builder, known) == n
         && (n == 0
             || memcmp (builder->args + other->args, builder->args + call->args,
                        n * sizeof (WeftArg))
                    == 0);
}

static void
rebuild_call_table (WeftGraphBuilder *builder)
{
  uint32_t n_entries = MAX (64, (builder->call_mask + 1) * 2);

  builder->call_table = g_renew (uint32_t, builder->call_table, n_entries);
  memset (builder->call_table, 0, n_entries * sizeof *builder->call_table);
  builder->call_mask = n_entries - 1;
  for (size_t i = 0; i < builder->n_calls; i++)
    {
      const WeftCall *call = &builder->call_list[i];
      uint32_t at =
          (uint32_t) hash_call (call, builder->args + call->args, call_length (builder, i))
          & builder->call_mask;

      while (builder->call_table[at] != 0)
        at = (at + 1) & builder->call_mask;
      builder->call_table[at] = (uint32_t) i + 1;
    }
}

/* The table's entry for the call whose nodes lie behind all others. */
static uint32_t *
call_entry (WeftGraphBuilder *builder, const WeftCall *call)
{
  size_t n = builder->n_args - call->args;
  uint64_t hash = hash_call (call, n > 0 ? builder->args + call->args : (const void *) "", n);
  uint32_t at = (uint32_t) hash & builder->call_mask;

  while (builder->call_table[at] != 0
         && !is_equal_call (builder, builder->call_table[at] - 1, call, n))
    at = (at + 1) & builder->call_mask;
  return &builder->call_table[at];
}

static void
keep_place (WeftGraphBuilder *builder)
{
  if (builder->call_places == NULL && builder->open_call.place.line == 0)
    return;
  if (builder->call_places == NULL)
    {
      _weft_grow_array (builder->call_places, builder->call_places_room, builder->n_calls + 1);
      memset (builder->call_places, 0, builder->n_calls * sizeof *builder->call_places);
    }
  _weft_grow_array (builder->call_places, builder->call_places_room, builder->n_calls + 1);
  builder->call_places[builder->n_calls] = builder->open_call.place;
}

/* Ends the frames of the call itself. */
static bool
close_call (WeftGraphBuilder *builder)
{
  WeftOpenCall *open = &builder->open_call;
  WeftCallFrame *frame;

  if (!open->open || open->failed)
    return false;
  frame = top_frame (builder);
  if (open->depth != 1 || frame->named)
    {
      call_mistake (builder, "a call was ended before the lists and records in it");
      return false;
    }
  if (frame->kind == FRAME_KWARGS)
    {
      open->call.n_kwargs = frame->count;
      check_names (builder, open->call.kwargs, frame->count);
    }
  else
    {
      open->call.n_args = frame->count;
      open->call.kwargs = (uint32_t) builder->n_args;
    }
  if (builder->n_args >= UINT32_MAX || builder->n_calls >= UINT32_MAX / 4)
    {
      _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_RANGE,
                                   "too many different calls: %zu with %zu arguments",
                                   builder->n_calls, builder->n_args);
      return false;
    }
  return true;
}

uint32_t
weft_graph_builder_end_call (WeftGraphBuilder *builder)
{
  WeftOpenCall *open = &builder->open_call;
  uint32_t *entry;
  bool closed = close_call (builder);

  open->open = false;
  if (!closed)
    {
      if (builder->error == NULL)
        _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_FORMAT,
                                     "a call was ended that was not begun");
      return 0;
    }
  if (builder->n_calls * 2 >= builder->call_mask)
    rebuild_call_table (builder);
  entry = call_entry (builder, &open->call);
  if (*entry != 0)
    {
      builder->n_args = open->call.args;
      return *entry - 1;
    }
  keep_place (builder);
  _weft_grow_array (builder->call_list, builder->calls_room, builder->n_calls + 1);
  builder->call_list[builder->n_calls++] = open->call;
  *entry = (uint32_t) builder->n_calls;
  return *entry - 1;
}

void
_weft_graph_builder_clear_calls (WeftGraphBuilder *builder)
{
  for (size_t i = 0; i < builder->n_constants; i++)
    if (builder->constants[i].free != NULL)
      builder->constants[i].free (builder->constants[i].object);
  g_clear_pointer (&builder->constants, g_free);
  g_clear_pointer (&builder->args, g_free);
  g_clear_pointer (&builder->call_list, g_free);
  g_clear_pointer (&builder->call_places, g_free);
  g_clear_pointer (&builder->call_table, g_free);
  builder->n_constants = 0;
}
