/* weft-value.h: what tasks take and give: sixteen bytes, or sixteen bytes and a box
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A WeftValue is a type word and a payload. None, bool, int64 and float64 live in the payload;
 * everything else is a *box*: a small reference-counted header in front of its fields, from a slab
 * of the worker that made it. Bulk bytes are in WeftBuffers, which boxes share. Boxes are immutable
 * once their task has ended, except for a holder who is the only one (see weft_task_steal()).
 *
 * Copying the sixteen bytes copies no ownership; weft_value_ref()/weft_value_unref() do, and cost
 * nothing for values without a box.
 */
#pragma once

#include "store/weft-buffer.h"
#include "store/weft-runtime.h"

typedef enum
{
  WEFT_TYPE_EMPTY = 0, /* no result yet, or released */
  WEFT_TYPE_NONE = 1,
  WEFT_TYPE_BOOL = 2,
  WEFT_TYPE_INT64 = 3,
  WEFT_TYPE_FLOAT64 = 4,
  /* from here on: boxed */
  WEFT_TYPE_STRING = 8, /* UTF-8 */
  WEFT_TYPE_BYTES = 9,
  WEFT_TYPE_LIST = 10,
  WEFT_TYPE_RECORD = 11,    /* named fields, in order */
  WEFT_TYPE_ARRAY = 12,     /* dtype, shape, strides, offset over a buffer */
  WEFT_TYPE_TABLE = 13,     /* equally long Arrow columns, also list and struct columns */
  WEFT_TYPE_HISTOGRAM = 14, /* axes and weights */
  WEFT_TYPE_FILE = 15,      /* a path, its size and modification time */
  WEFT_TYPE_FOREIGN = 16,   /* somebody else's object behind a vtable */
  WEFT_TYPE_ERROR = 17,     /* why there is no result; culprit and message */
  WEFT_TYPE_MANAGED = 18,   /* a WeftManaged handle: only in the engine's slots, never in kernels */
} WeftType;

/* Bits of WeftValue.type above the WeftType. The engine's hot loop ORs the type words of all inputs
 * and leaves the fast path when one of these is set. */
#define WEFT_VALUE_TYPE_MASK 0x000000ffu
#define WEFT_VALUE_BOXED 0x00000100u   /* payload is a WeftBox * */
#define WEFT_VALUE_SPECIAL 0x00000200u /* ERROR or MANAGED: never handed to a kernel as it is */

typedef struct _WeftBox WeftBox;

typedef struct
{
  uint32_t type; /* WeftType | bits above */
  uint32_t aux;  /* 0; the engine's slots have the same layout and count here */
  union
  {
    bool b;
    int64_t i;
    double f;
    WeftBox *box;
    uint64_t bits;
  } u;
} WeftValue;

_Static_assert(sizeof (WeftValue) == 16, "values are two words");

/* In front of every box. 16 bytes; what follows depends on the type. */
struct _WeftBox
{
  _Atomic uint32_t refs; /* atomic: release on drop, acquire by the last */
  uint8_t type;          /* immutable: WeftType */
  uint8_t size_class;    /* immutable: slab class; 255: from malloc */
  uint16_t flags;        /* immutable */
  uint64_t n_bytes; /* bytes this value alone brings with it: itself and the buffers made for it (a
                       view counts its header only); changed only by a sole holder */
};

#define WEFT_VALUE_INIT \
  {                     \
    WEFT_TYPE_EMPTY, 0, \
    {                   \
      .bits = 0         \
    }                   \
  }

static inline WeftType
weft_value_type (const WeftValue *value)
{
  return (WeftType) (value->type & WEFT_VALUE_TYPE_MASK);
}

static inline bool
weft_value_is_boxed (const WeftValue *value)
{
  return (value->type & WEFT_VALUE_BOXED) != 0;
}

static inline void
weft_value_set_none (WeftValue *value)
{
  *value = (WeftValue){ WEFT_TYPE_NONE, 0, { .bits = 0 } };
}

static inline void
weft_value_set_bool (WeftValue *value, bool b)
{
  *value = (WeftValue){ WEFT_TYPE_BOOL, 0, { .bits = b } };
}

static inline void
weft_value_set_int64 (WeftValue *value, int64_t i)
{
  *value = (WeftValue){ WEFT_TYPE_INT64, 0, { .i = i } };
}

static inline void
weft_value_set_float64 (WeftValue *value, double f)
{
  *value = (WeftValue){ WEFT_TYPE_FLOAT64, 0, { .f = f } };
}

/* Takes over the caller's reference to @box. */
static inline void
weft_value_take_box (WeftValue *value, WeftBox *box)
{
  uint32_t special = box->type >= WEFT_TYPE_ERROR ? WEFT_VALUE_SPECIAL : 0;

  *value = (WeftValue){ box->type | WEFT_VALUE_BOXED | special, 0, { .box = box } };
}

/**
 * weft_box_free:
 * @box: a box whose last reference is gone
 *
 * Drops what it holds and gives its memory back to the calling thread's slab. Any thread.
 */
WEFT_API void weft_box_free (WeftBox *box);

static inline void
weft_value_ref (const WeftValue *value)
{
  if (weft_value_is_boxed (value))
    atomic_fetch_add_explicit (&value->u.box->refs, 1, memory_order_relaxed);
}

/* Nobody can make one hold two without having one, so the last needs no read-modify-write; but for
 * managed handles, which whoever looks for something to spill finds without a hold. */
static inline void
weft_box_unref (WeftBox *box)
{
  if ((atomic_load_explicit (&box->refs, memory_order_acquire) == 1
       && box->type != WEFT_TYPE_MANAGED)
      || atomic_fetch_sub_explicit (&box->refs, 1, memory_order_acq_rel) == 1)
    weft_box_free (box);
}

/* Drops the caller's hold; the sixteen bytes themselves are left as they are. */
static inline void
weft_value_unref (const WeftValue *value)
{
  if (weft_value_is_boxed (value))
    weft_box_unref (value->u.box);
}

/* Drops the hold and makes the value empty. */
static inline void
weft_value_clear (WeftValue *value)
{
  weft_value_unref (value);
  *value = (WeftValue) WEFT_VALUE_INIT;
}

/* Bytes the value stands for in memory accounts and records: 0 for values without a box. */
static inline uint64_t
weft_value_n_bytes (const WeftValue *value)
{
  return weft_value_is_boxed (value) ? value->u.box->n_bytes : 0;
}

/* ---- boxes ----------------------------------------------------------------------------------- */

typedef struct
{
  WeftBox box;
  uint64_t n_chars;   /* bytes of UTF-8, without the final 0 */
  const char *chars;  /* 0-terminated; behind this struct, or in `buffer` */
  WeftBuffer *buffer; /* (nullable): long strings */
} WeftString;

typedef struct
{
  WeftBox box;
  const uint8_t *bytes;
  uint64_t n_bytes;   /* of content */
  WeftBuffer *buffer; /* (nullable): short ones stand behind this struct */
} WeftBytes;

typedef struct
{
  WeftBox box;
  uint64_t n_items;
  WeftValue *items;   /* n_items; each holds a reference, unless borrowed */
  WeftBuffer *buffer; /* (nullable): holds the items from 1 KiB on; short ones stand behind */
  bool borrowed; /* laid over a task's inputs. Whoever refs such a list (a kernel that returns it)
                         need not care: the engine turns it into an owner before the inputs go */
  const char
      *tag; /* (nullable): "tuple", "set", "slice": what it was at home; static or interned */
} WeftList;

/* Field names, shared by all records made alike. */
typedef struct
{
  _Atomic uint32_t refs;
  uint32_t n_fields;
  char *names[]; /* n_fields; in the same allocation */
} WeftRecordShape;

typedef struct
{
  WeftBox box;
  uint32_t n_fields;
  WeftRecordShape *shape; /* holds a reference */
  WeftValue *values;      /* n_fields, behind this struct; each holds a reference */
} WeftRecordValue;

/* Element types of arrays and table columns. Numbers are written to files: never reused. */
typedef enum
{
  WEFT_DTYPE_BOOL = 1, /* one byte each in arrays, one bit each in columns (as Arrow) */
  WEFT_DTYPE_INT8 = 2,
  WEFT_DTYPE_INT16 = 3,
  WEFT_DTYPE_INT32 = 4,
  WEFT_DTYPE_INT64 = 5,
  WEFT_DTYPE_UINT8 = 6,
  WEFT_DTYPE_UINT16 = 7,
  WEFT_DTYPE_UINT32 = 8,
  WEFT_DTYPE_UINT64 = 9,
  WEFT_DTYPE_FLOAT16 = 10,
  WEFT_DTYPE_FLOAT32 = 11,
  WEFT_DTYPE_FLOAT64 = 12,
  WEFT_DTYPE_COMPLEX64 = 13,
  WEFT_DTYPE_COMPLEX128 = 14,
  WEFT_DTYPE_DATETIME_NS = 15, /* int64 ns since 1970, UTC; INT64_MIN is "not a time" */
  WEFT_DTYPE_TIMEDELTA_NS = 16,
  WEFT_DTYPE_FIXED_BYTES = 17, /* `item_bytes` raw bytes an element (numpy S, V) */
  /* columns only */
  WEFT_DTYPE_STRING = 32,     /* Arrow "U": int64 offsets, then UTF-8 */
  WEFT_DTYPE_BYTES = 33,      /* Arrow "Z" */
  WEFT_DTYPE_LIST = 34,       /* Arrow "+L": int64 offsets, one child */
  WEFT_DTYPE_STRUCT = 35,     /* Arrow "+s": children */
  WEFT_DTYPE_DICTIONARY = 36, /* codes (code_dtype) over a dictionary column */
  WEFT_DTYPE_FIXED_LIST = 37, /* Arrow "+w:n": list_size items a row, one child */
  WEFT_DTYPE_NULL = 38,
  WEFT_DTYPE_DATE32 = 39,    /* int32 days since 1970 */
  WEFT_DTYPE_TIMESTAMP = 40, /* int64, unit as the column says; zone: "zone" in its metadata */
  WEFT_DTYPE_MAP = 41,       /* Arrow "+m" */
  WEFT_DTYPE_DECIMAL128 = 42,
  WEFT_DTYPE_UNICODE4 = 43, /* arrays: numpy "U", item_bytes / 4 code points */
} WeftDType;

#define WEFT_ARRAY_MAX_DIMS 32

typedef struct
{
  WeftBox box;
  WeftBuffer *buffer;
  uint8_t dtype;                        /* WeftDType below 32, or UNICODE4 */
  uint8_t n_dims;                       /* 0 … WEFT_ARRAY_MAX_DIMS */
  uint32_t item_bytes;                  /* bytes an element */
  int64_t offset_bytes;                 /* of element [0, …, 0] in the buffer */
  int64_t shape[WEFT_ARRAY_MAX_DIMS];   /* elements; only n_dims are meaningful */
  int64_t strides[WEFT_ARRAY_MAX_DIMS]; /* bytes, may be 0 (broadcast) or negative */
} WeftArray;

/* One Arrow column (or child column): memory layout of the Arrow C data interface, own life time.
 * */
typedef struct _WeftColumn WeftColumn;
struct _WeftColumn
{
  _Atomic uint32_t refs; /* columns are shared: selecting some of a table copies pointers */
  char *name;            /* owned; UTF-8 */
  char *metadata;        /* (nullable): JSON of the field */
  uint8_t dtype;         /* WeftDType */
  uint8_t offset_width;  /* bytes of an offset, 4 or 8 (STRING, BYTES, LIST, MAP) */
  uint8_t unit;          /* TIMESTAMP: 0 s, 3 ms, 6 µs, 9 ns */
  uint8_t code_dtype;    /* DICTIONARY: integer type of the codes */
  uint8_t flags;         /* 1: nullable, 2: dictionary is ordered */
  int32_t list_size;     /* FIXED_LIST */
  uint32_t item_bytes;   /* fixed-width types */
  int64_t n_rows;        /* logical length */
  int64_t offset_rows;   /* first logical row inside the buffers */
  int64_t n_nulls;       /* -1: not counted */
  WeftBuffer *validity;  /* (nullable): bit per row, 1 is present, least bit first */
  WeftBuffer *offsets;   /* (nullable): offset_width × (rows + 1) */
  WeftBuffer *values;    /* (nullable): data, UTF-8 or codes */
  uint32_t n_children;   /* LIST: 1; STRUCT: fields; DICTIONARY: 1, the dictionary */
  WeftColumn **children; /* owned */
};

typedef struct
{
  WeftBox box;
  int64_t n_rows;
  uint32_t n_columns;
  WeftColumn **columns; /* references, each column n_rows long */
  char *metadata;       /* (nullable): JSON kept with the schema (pandas index, units) */
} WeftTable;

typedef struct
{
  char *name;
  uint32_t n_bins;
  double *edges; /* n_bins + 1, increasing */
} WeftHistogramAxis;

typedef struct
{
  WeftBox box;
  uint32_t n_axes;
  WeftHistogramAxis *axes;
  uint64_t n_cells; /* product of (n_bins + 2): under- and overflow on each axis */
  WeftBuffer
      *cells; /* 2 × n_cells double: weights (first axis slowest), then their squares' sums */
  uint64_t n_entries; /* how often it was filled */
} WeftHistogram;

typedef struct
{
  WeftBox box;
  char *path;
  uint64_t size_bytes;
  int64_t modified_wall_ns;
} WeftFile;

/**
 * WeftForeignClass:
 *
 * How the engine handles an object it does not know. @release may run on any thread and must not
 * block: a runtime with a lock of its own puts the object on a list that a thread holding the lock
 * drains. @encode and @decode (nullable: then the value cannot travel) are called inside that
 * runtime's batches. For want of those where results are spilled, values with foreign objects in
 * them stay in memory.
 */
typedef struct _WeftForeignClass WeftForeignClass;
struct _WeftForeignClass
{
  const char *name;           /* stands in files; unique, e.g. "python-pickle" */
  uint32_t version;           /* of the forms it writes */
  const WeftRuntime *runtime; /* (nullable): encode, decode, describe run inside its batches */
  void *data;                 /* the class's own */
  uint64_t (*n_bytes) (void *object);
  void (*release) (void *object);
  /* To and from a value without foreign parts (bytes, or a list of bytes for out-of-band buffers).
   * @version: of the class that wrote the form, this one's or older
   * @message: (out) (transfer full): why not */
  WeftStatus (*encode) (void *object, WeftAccount *account, WeftValue *form, char **message);
  WeftStatus (*decode) (const WeftForeignClass *klass, uint32_t version, const WeftValue *form,
                        WeftAccount *account, void **object, char **message);
  char *(*describe) (void *object); /* one line for people; (transfer full) */
  void *reserved[4];                /* NULL */
};

typedef struct
{
  WeftBox box;
  const WeftForeignClass *klass;
  void *object;
} WeftForeign;

typedef struct
{
  WeftBox box;
  uint32_t status;       /* WeftStatus */
  uint32_t culprit_task; /* in culprit_segment; WEFT_NONE when unknown */
  uint32_t culprit_segment;
  uint32_t attempt;    /* of the culprit, from 1 */
  char *culprit_key;   /* owned */
  char *kind;          /* (nullable): groups like failures: "ValueError", "exit status" */
  char *message;       /* owned: one line */
  char *detail;        /* (nullable): traceback */
  char *output;        /* (nullable): captured output's tail */
  WeftValue exception; /* to raise again elsewhere; EMPTY mostly */
} WeftErrorValue;

/**
 * WeftManaged:
 *
 * A result big enough to be spilled, as the engine's slots hold it. Slots never change between
 * publish and release: spilling happens inside this handle. Several slots (imports) may hold one
 * handle. Users pin it: then @value is in memory and stays there until the last unpin.
 */
typedef struct
{
  WeftBox box;
  _Atomic uint32_t pins;  /* bit 31: being moved; lower bits: users */
  _Atomic uint32_t place; /* 0 in memory, 1 on disk, 2 being read */
  _Atomic uint64_t
      next_use;    /* (segment << 32 | task) of the next consumer, for choosing what to spill */
  WeftValue value; /* guarded by pins and place */
  uint64_t spill_handle; /* likewise */
  struct _WeftSpillStore
      *store;           /* likewise (nullable): where the handle is; freeing drops it there */
  uint64_t spill_bytes; /* bytes it frees when spilled */
  uint32_t segment, task, slot; /* the engine's: whose result it is */
  bool unspillable;             /* guarded by pins: writing it failed */
  void (*on_free) (
      void *managed); /* (nullable): told when the last reference goes, before the rest */
  void *owner;        /* the engine's bookkeeping, for on_free */
} WeftManaged;

/**
 * weft_box_alloc:
 * @type: a boxed type
 * @n_bytes: of the whole struct, header included
 *
 * A box with one reference, its header filled (@n_bytes: what it takes) and the rest cleared, from
 * the calling thread's slab up to 1 KiB, else from malloc. Any thread; no atomics.
 *
 * Returns: (transfer full) (nullable): %NULL when memory is out
 */
WEFT_API WeftBox *weft_box_alloc (WeftType type, size_t n_bytes);

/* ---- constructors ----------------------------------------------------------------------------
 *
 * On WEFT_OK the value holds the only reference; else (WEFT_NO_MEMORY, or WEFT_FAILED where said)
 * it is untouched and what was to be taken over is still the caller's. @account (nullable) is
 * charged where bytes go into buffers. Any thread. Where contents are nullable, %NULL leaves them
 * for the caller to fill, as the only holder; list items and record values are EMPTY until then. */

/**
 * weft_value_init_string:
 * @chars: (nullable): UTF-8, which is not checked; may hold zeros
 * @n_chars: bytes; a final 0 is added
 */
WEFT_API WeftStatus weft_value_init_string (WeftValue *value, WeftAccount *account,
                                            const char *chars, size_t n_chars);
/**
 * weft_value_init_bytes:
 * @bytes: (nullable): copied
 */
WEFT_API WeftStatus weft_value_init_bytes (WeftValue *value, WeftAccount *account,
                                           const void *bytes, size_t n_bytes);
/**
 * weft_value_init_bytes_buffer:
 * @buffer: (transfer full): looked at, not copied
 *
 * Returns: also WEFT_FAILED, when the bytes do not lie in @buffer
 */
WEFT_API WeftStatus weft_value_init_bytes_buffer (WeftValue *value, WeftBuffer *buffer,
                                                  size_t offset_bytes, size_t n_bytes);
/**
 * weft_value_init_list:
 * @items: (nullable): n_items; their references are taken over
 */
WEFT_API WeftStatus weft_value_init_list (WeftValue *value, WeftAccount *account,
                                          const WeftValue *items, size_t n_items);
/**
 * weft_record_shape_new:
 * @names: n_fields names, copied
 *
 * Returns: (transfer full) (nullable): %NULL when memory is out
 */
WEFT_API WeftRecordShape *weft_record_shape_new (const char *const *names, uint32_t n_fields);
/**
 * weft_record_shape_ref:
 *
 * One more holder. Any thread. Returns: @shape
 */
WEFT_API WeftRecordShape *weft_record_shape_ref (WeftRecordShape *shape);
/**
 * weft_record_shape_unref:
 * @shape: (nullable): one holder less; the last one frees. Any thread.
 */
WEFT_API void weft_record_shape_unref (WeftRecordShape *shape);
/**
 * weft_value_init_record:
 * @shape: gets one more reference
 * @values: (nullable): one a field; their references are taken over
 */
WEFT_API WeftStatus weft_value_init_record (WeftValue *value, WeftRecordShape *shape,
                                            const WeftValue *values);
/**
 * weft_value_init_array:
 * @buffer: (transfer full): holds the elements
 * @dtype: a dtype of arrays
 * @item_bytes: bytes an element; 0: what @dtype always has
 * @n_dims: 0 … WEFT_ARRAY_MAX_DIMS
 * @shape: n_dims; elements
 * @strides_bytes: (nullable): n_dims, bytes, may be 0 or negative; %NULL: C order
 * @offset_bytes: of element [0, …, 0] in @buffer
 *
 * Returns: also WEFT_FAILED, when an element would lie outside of @buffer, or a figure is none of
 *   these
 */
WEFT_API WeftStatus weft_value_init_array (WeftValue *value, WeftBuffer *buffer, WeftDType dtype,
                                           uint32_t item_bytes, uint32_t n_dims,
                                           const int64_t *shape, const int64_t *strides_bytes,
                                           int64_t offset_bytes);
/**
 * weft_value_init_table:
 * @columns: n_columns pointers, each (transfer full), all n_rows long
 *
 * Returns: also WEFT_FAILED, when a column has another length
 */
WEFT_API WeftStatus weft_value_init_table (WeftValue *value, WeftColumn **columns,
                                           uint32_t n_columns, int64_t n_rows);
/**
 * weft_value_init_histogram:
 * @axes: n_axes, copied
 * @cells: (transfer full) (nullable): weights and squares; %NULL: a new buffer of zeros
 * @n_entries: how often it was filled
 *
 * Returns: also WEFT_FAILED, when @cells has not the size the axes ask for
 */
WEFT_API WeftStatus weft_value_init_histogram (WeftValue *value, WeftAccount *account,
                                               const WeftHistogramAxis *axes, uint32_t n_axes,
                                               WeftBuffer *cells, uint64_t n_entries);
/**
 * weft_value_init_file:
 * @path: copied
 * @modified_wall_ns: since 1970, UTC
 */
WEFT_API WeftStatus weft_value_init_file (WeftValue *value, const char *path, uint64_t size_bytes,
                                          int64_t modified_wall_ns);
/**
 * weft_value_init_foreign:
 * @object: taken over; @klass's release is called once
 */
WEFT_API WeftStatus weft_value_init_foreign (WeftValue *value, const WeftForeignClass *klass,
                                             void *object);
/**
 * weft_value_init_error:
 * @culprit_key: (nullable): copied
 * @message: (nullable): copied
 *
 * Further fields (kind, detail, output, exception) are the caller's to fill, as the only holder,
 * with memory from malloc.
 */
WEFT_API WeftStatus weft_value_init_error (WeftValue *value, WeftStatus status,
                                           const char *culprit_key, uint32_t culprit_segment,
                                           uint32_t culprit_task, uint32_t attempt,
                                           const char *message);

/* ---- columns --------------------------------------------------------------------------------- */

/**
 * weft_column_new:
 * @name: copied
 * @dtype: any
 * @n_rows: logical length
 *
 * A column without buffers, nulls not counted, with 8-byte offsets and @dtype's own item size where
 * it has one. The caller fills in the rest before sharing it; @children comes from malloc.
 *
 * Returns: (transfer full) (nullable): %NULL when memory is out
 */
WEFT_API WeftColumn *weft_column_new (const char *name, WeftDType dtype, int64_t n_rows);
/**
 * weft_column_ref:
 *
 * One more holder. Any thread. Returns: @column
 */
WEFT_API WeftColumn *weft_column_ref (WeftColumn *column);
/**
 * weft_column_unref:
 * @column: (nullable): one holder less; the last one frees it, its buffers and children. Any
 * thread.
 */
WEFT_API void weft_column_unref (WeftColumn *column);
/**
 * weft_column_check:
 * @message: (out) (transfer full): what is wrong with it
 *
 * Whether all that a column's fields and offsets point to lies inside its buffers and children. Who
 * takes columns from elsewhere asks this once; everybody else relies on it. O(rows). Any thread.
 */
WEFT_API bool weft_column_check (const WeftColumn *column, char **message);

/**
 * weft_dtype_item_bytes:
 *
 * Returns: bytes an element of a fixed-width type, in arrays; 0: others
 */
WEFT_API uint32_t weft_dtype_item_bytes (WeftDType dtype);
/**
 * weft_dtype_name:
 *
 * Returns: "int64", "string", …; "unknown" for what is none
 */
WEFT_API const char *weft_dtype_name (WeftDType dtype);

/* ---- what can be asked of any value ---------------------------------------------------------- */

/**
 * weft_value_equal:
 *
 * Deep equality: types, shapes and contents (NaN equals NaN, 0.0 differs from -0.0: bitwise, as
 * round trips need it); layouts do not count: an array equals its copy in another order. Foreign
 * objects are equal when they are the same, or when a class without a runtime encodes them equally.
 * Any thread. O(size); values that share a box many times over are compared once for each time.
 */
WEFT_API bool weft_value_equal (const WeftValue *a, const WeftValue *b);

/**
 * weft_value_to_text:
 * @json: %TRUE for JSON, %FALSE for reading
 * @max_chars: roughly where to stop with "…" (0: no limit; ignored for JSON)
 *
 * JSON: none is null; floats have the fewest of 15 to 17 digits (float32: 6 to 9) that read back
 * equal, and always a point or an exponent; records are objects, lists of any tag are arrays. What
 * JSON lacks is an object with one field that begins with "$": {"$float": "nan"}, "inf" or "-inf";
 * {"$bytes": base64}; {"$array": …}, {"$table": …}, {"$histogram": …}, {"$file": …}, {"$foreign":
 * …}, {"$error": …}. A record's own field names that begin with "$" get a second one.
 *
 * For reading: strings stand as they are, inside of others in quotes.
 *
 * Returns: (transfer full): UTF-8
 */
WEFT_API char *weft_value_to_text (const WeftValue *value, bool json, size_t max_chars);

/**
 * weft_type_name:
 *
 * Returns: "int64", "list", … as error messages and files name types
 */
WEFT_API const char *weft_type_name (WeftType type);

/**
 * weft_value_extent_bytes:
 *
 * All bytes the value reaches, shared boxes and buffers included once: for display, and for
 * choosing what to spill. O(its size in nodes). Any thread.
 */
WEFT_API uint64_t weft_value_extent_bytes (const WeftValue *value);

/**
 * weft_thread_slab_bytes:
 *
 * Bytes of boxes that the calling thread allocated less those it freed, since its start. The engine
 * folds the differences into the account of the run a worker serves; over all threads the sum is
 * exact.
 */
WEFT_API int64_t weft_thread_slab_bytes (void);
