// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "registry/Registry.sol";
import {Places} from "./Cheats.sol";

/// @notice Does anything in any order with a few accounts and graphs, beside a model in plain maps that says what
/// must come of it. A difference reverts, which fails the run (fail_on_revert).
contract Anybody is Places {
    struct Graph {
        address creator;
        bytes32 label;
        address owner;
        address pending;
        uint256 version;
        bytes32 word;
    }

    uint256[4] private keys = [uint256(0xA1), 0xA2, 0xA3, 0xA4];
    Graph[3] private graphs;
    /// @dev Emptied, account by account, whenever the graph changes hands.
    mapping(uint256 graph => mapping(address account => uint256)) private delegates;
    uint256 private time = 1_000_000;

    constructor() {
        graphs[0] = Graph(account(0), "a", account(0), address(0), 0, 0);
        graphs[1] = Graph(account(0), "b", account(0), address(0), 0, 0);
        graphs[2] = Graph(account(1), "a", account(1), address(0), 0, 0);
    }

    function account(uint256 which) private view returns (address) {
        return vm.addr(keys[which % 4]);
    }

    function graphAt(uint256 g) private view returns (Graph storage) {
        return graphs[g % 3];
    }

    function may(uint256 g, address who) private view returns (bool) {
        return who == graphAt(g).owner || time <= delegates[g % 3][who];
    }

    function counted(uint256 g, bool done, bool expected, bytes32 word) private {
        require(done == expected, "the registry and the model differ");
        if (!done) return;
        ++graphAt(g).version;
        graphAt(g).word = word;
    }

    function version(uint256 g, uint256 seed, bool stale) private view returns (Registry.Publication memory p) {
        p = next(graphAt(g).creator, graphAt(g).label, seed);
        if (stale) p.parent ^= bytes32(uint256(1));
    }

    function publishes(uint256 g, uint256 who, uint256 seed, bool stale) external {
        vm.warp(time);
        Registry.Publication memory p = version(g, seed, stale);
        bool expected = !stale && may(g, account(who));
        vm.prank(account(who));
        try registry.publishTo(p) returns (bytes32 word) {
            counted(g, true, expected, word);
        } catch {
            counted(g, false, expected, 0);
        }
    }

    function publishes_its_own(uint256 g, uint256 seed, bool stale) external {
        vm.warp(time);
        Registry.Publication memory p = version(g, seed, stale);
        bool expected = !stale && may(g, p.creator);
        vm.prank(p.creator);
        try registry.publish(p.label, p.parent, p.root, p.size, p.manifest) returns (bytes32 word) {
            counted(g, true, expected, word);
        } catch {
            counted(g, false, expected, 0);
        }
    }

    function signs(uint256 g, uint256 who, uint256 by, uint256 seed, bool stale, uint8 late) external {
        vm.warp(time);
        Registry.Publication memory p = version(g, seed, stale);
        uint256 deadline = time + 5 - late % 8;
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keys[by % 4], digestOf(relayHash(p, deadline)));
        bool expected = !stale && may(g, account(who)) && who % 4 == by % 4 && time <= deadline;
        vm.prank(STRANGER);
        try registry.publishSigned(p, account(who), deadline, bytes.concat(r, s, bytes1(v))) returns (bytes32 word) {
            counted(g, true, expected, word);
        } catch {
            counted(g, false, expected, 0);
        }
    }

    function offers(uint256 g, uint256 who, uint256 to) external {
        bool expected = account(who) == graphAt(g).owner;
        vm.prank(account(who));
        try registry.transferOwnership(graphAt(g).creator, graphAt(g).label, account(to)) {
            require(expected, "offered");
            graphAt(g).pending = account(to);
        } catch {
            require(!expected, "not offered");
        }
    }

    function accepts(uint256 g, uint256 who) external {
        bool expected = account(who) == graphAt(g).pending;
        vm.prank(account(who));
        try registry.acceptOwnership(graphAt(g).creator, graphAt(g).label) {
            require(expected, "taken over");
            graphAt(g).owner = account(who);
            graphAt(g).pending = address(0);
            for (uint256 i = 0; i < 4; ++i) {
                delegates[g % 3][account(i)] = 0;
            }
        } catch {
            require(!expected, "not taken over");
        }
    }

    function delegates_to(uint256 g, uint256 who, uint256 to, uint8 seconds_) external {
        bool expected = account(who) == graphAt(g).owner;
        uint256 until = seconds_ % 4 == 0 ? 0 : time + seconds_;
        vm.prank(account(who));
        try registry.delegate(graphAt(g).creator, graphAt(g).label, account(to), until) {
            require(expected, "delegated");
            delegates[g % 3][account(to)] = until;
        } catch {
            require(!expected, "not delegated");
        }
    }

    function waits(uint8 seconds_) external {
        time += seconds_;
    }

    function compare() external view {
        for (uint256 g = 0; g < 3; ++g) {
            Graph storage model = graphs[g];
            bytes32 id = graphOf(model.creator, model.label);
            bytes32 word = registry.head(id);
            require(word == model.word && uint256(word) >> 216 == model.version, "head");
            (address kept,) = registry.ownerOf(id);
            require((kept == address(0) ? model.creator : kept) == model.owner, "owner");
            require(registry.pendingOwner(id) == model.pending, "pending");
            for (uint256 i = 0; i < 4; ++i) {
                require(registry.delegatedUntil(id, account(i)) == delegates[g][account(i)], "delegate");
            }
        }
    }
}

contract RegistryInvariants {
    Anybody private anybody;

    function setUp() external {
        anybody = new Anybody();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(anybody);
    }

    /// @notice Heads, versions, owners, offers and delegates are those of the model after every step.
    function invariant_the_registry_is_its_model() external view {
        anybody.compare();
    }
}
