/* Pointers and allocation: a treap grown and pruned over an arena with a free list, its depth and order summed. */
#include "kernel.h"

typedef struct Node {
    struct Node *left, *right;
    u32 key, priority;
} Node;

#define NODES 40000
static Node arena[NODES];
static Node *free_list;
static u32 seed;

static Node *take(u32 key) {
    Node *n = free_list;
    free_list = n->left;
    n->left = n->right = 0;
    n->key = key;
    n->priority = next_random(&seed);
    return n;
}

static void give(Node *n) {
    n->left = free_list;
    free_list = n;
}

static Node *merge(Node *a, Node *b) {
    if (!a) return b;
    if (!b) return a;
    if (a->priority > b->priority) {
        a->right = merge(a->right, b);
        return a;
    }
    b->left = merge(a, b->left);
    return b;
}

static void split(Node *t, u32 key, Node **low, Node **high) {
    if (!t) {
        *low = *high = 0;
    } else if (t->key < key) {
        *low = t;
        split(t->right, key, &t->right, high);
    } else {
        *high = t;
        split(t->left, key, low, &t->left);
    }
}

static Node *insert(Node *t, u32 key) {
    for (Node *p = t; p; p = key < p->key ? p->left : p->right)
        if (p->key == key) return t;
    if (!free_list) return t;
    Node *low, *high;
    split(t, key, &low, &high);
    return merge(merge(low, take(key)), high);
}

static Node *erase(Node *t, u32 key) {
    Node **at = &t;
    while (*at && (*at)->key != key) at = key < (*at)->key ? &(*at)->left : &(*at)->right;
    if (*at) {
        Node *dead = *at;
        *at = merge(dead->left, dead->right);
        give(dead);
    }
    return t;
}

static u64 walk(const Node *t, u32 depth) {
    return t ? walk(t->left, depth + 1) * 31 + t->key + depth + walk(t->right, depth + 1) : 7;
}

EXPORT s64 run(s32 n) {
    seed = 11;
    free_list = 0;
    for (s32 i = 0; i < NODES; i++) give(&arena[i]);
    Node *root = 0;
    u64 h = 1;
    for (s32 r = 0; r < n; r++) {
        for (s32 i = 0; i < 4000; i++) root = insert(root, next_random(&seed) % 60000);
        for (s32 i = 0; i < 3000; i++) root = erase(root, next_random(&seed) % 60000);
        h = mix(h, walk(root, 0));
    }
    return (s64)h;
}
