/// Water-filling: operations that run together share bandwidth so that nobody gets more than it
/// can draw, and nobody who gets less than that gets less than another.
package enum MemorySharing {
    /// The most that one operation gets: everyone gets the smaller of its demand and this level.
    ///
    /// - Returns: infinity where the demands fit into the capacity together.
    package static func level(_ demands: ContiguousArray<Double>, capacity: Double) -> Double {
        var total = 0.0
        for demand in demands { total += demand }
        if total <= capacity { return .infinity }
        // Whoever wants less than an even share leaves the rest to the others, whose share grows;
        // this ends, since each round serves somebody more.
        var level = capacity / Double(demands.count)
        var unserved = demands.count
        while true {
            var left = capacity
            var above = 0
            for demand in demands {
                if demand <= level { left -= demand } else { above += 1 }
            }
            if above == 0 || above == unserved { return level }
            unserved = above
            level = left / Double(above)
        }
    }
}
