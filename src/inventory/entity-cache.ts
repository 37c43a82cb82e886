// What was read and decoded lately, by name, for entities that are read far more often than they change. Kept right by
// whoever writes: an entity is forgotten once its change is committed. Only runs that see how things are may look here
// or add what they read.

export interface EntityCache<Entity> {
  find(name: string): Entity | undefined
  put(name: string, id: number, entity: Entity): void
  forget(id: number): void
}

export function createEntityCache<Entity>(maxEntities: number): EntityCache<Entity> {
  const entities = new Map<string, Entity>()
  const names = new Map<number, string>()
  return {
    find: (name) => entities.get(name),
    put(name, id, entity) {
      // Forgetting all is cheaper than keeping an order, and each is soon read again.
      if (entities.size >= maxEntities) {
        entities.clear()
        names.clear()
      }
      entities.set(name, entity)
      names.set(id, name)
    },
    forget(id) {
      const name = names.get(id)
      if (name === undefined) return
      names.delete(id)
      entities.delete(name)
    },
  }
}
