@main struct Dougong { static func main() { print("dougong") } }
