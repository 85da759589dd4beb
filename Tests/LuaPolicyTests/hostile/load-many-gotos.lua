-- Labels and jumps that the parser matches with each other.
do
do local a0 end
goto l1
do local a2 end
goto l3
do local a4 end
goto l5
do local a6 end
goto l7
do local a8 end
goto l9
do local a10 end
goto l11
do local a12 end
goto l13
do local a14 end
goto l15
do local a16 end
goto l17
do local a18 end
goto l19
do local a20 end
goto l21
do local a22 end
goto l23
do local a24 end
goto l25
do local a26 end
goto l27
do local a28 end
goto l29
do local a30 end
goto l31
do local a32 end
goto l33
do local a34 end
goto l35
do local a36 end
goto l37
do local a38 end
goto l39
do local a40 end
goto l41
do local a42 end
goto l43
do local a44 end
goto l45
do local a46 end
goto l47
do local a48 end
goto l49
do local a50 end
goto l1
do local a52 end
goto l3
do local a54 end
goto l5
do local a56 end
goto l7
do local a58 end
goto l9
do local a60 end
goto l11
do local a62 end
goto l13
do local a64 end
goto l15
do local a66 end
goto l17
do local a68 end
goto l19
do local a70 end
goto l21
do local a72 end
goto l23
do local a74 end
goto l25
do local a76 end
goto l27
do local a78 end
goto l29
do local a80 end
goto l31
do local a82 end
goto l33
do local a84 end
goto l35
do local a86 end
goto l37
do local a88 end
goto l39
do local a90 end
goto l41
do local a92 end
goto l43
do local a94 end
goto l45
do local a96 end
goto l47
do local a98 end
goto l49
do local a100 end
goto l1
do local a102 end
goto l3
do local a104 end
goto l5
do local a106 end
goto l7
do local a108 end
goto l9
do local a110 end
goto l11
do local a112 end
goto l13
do local a114 end
goto l15
do local a116 end
goto l17
do local a118 end
goto l19
do local a120 end
goto l21
do local a122 end
goto l23
do local a124 end
goto l25
do local a126 end
goto l27
do local a128 end
goto l29
do local a130 end
goto l31
do local a132 end
goto l33
do local a134 end
goto l35
do local a136 end
goto l37
do local a138 end
goto l39
do local a140 end
goto l41
do local a142 end
goto l43
do local a144 end
goto l45
do local a146 end
goto l47
do local a148 end
goto l49
do local a150 end
goto l1
do local a152 end
goto l3
do local a154 end
goto l5
do local a156 end
goto l7
do local a158 end
goto l9
do local a160 end
goto l11
do local a162 end
goto l13
do local a164 end
goto l15
do local a166 end
goto l17
do local a168 end
goto l19
do local a170 end
goto l21
do local a172 end
goto l23
do local a174 end
goto l25
do local a176 end
goto l27
do local a178 end
goto l29
do local a180 end
goto l31
do local a182 end
goto l33
do local a184 end
goto l35
do local a186 end
goto l37
do local a188 end
goto l39
do local a190 end
goto l41
do local a192 end
goto l43
do local a194 end
goto l45
do local a196 end
goto l47
do local a198 end
goto l49
do local a200 end
goto l1
do local a202 end
goto l3
do local a204 end
goto l5
do local a206 end
goto l7
do local a208 end
goto l9
do local a210 end
goto l11
do local a212 end
goto l13
do local a214 end
goto l15
do local a216 end
goto l17
do local a218 end
goto l19
do local a220 end
goto l21
do local a222 end
goto l23
do local a224 end
goto l25
do local a226 end
goto l27
do local a228 end
goto l29
do local a230 end
goto l31
do local a232 end
goto l33
do local a234 end
goto l35
do local a236 end
goto l37
do local a238 end
goto l39
do local a240 end
goto l41
do local a242 end
goto l43
do local a244 end
goto l45
do local a246 end
goto l47
do local a248 end
goto l49
do local a250 end
goto l1
do local a252 end
goto l3
do local a254 end
goto l5
do local a256 end
goto l7
do local a258 end
goto l9
do local a260 end
goto l11
do local a262 end
goto l13
do local a264 end
goto l15
do local a266 end
goto l17
do local a268 end
goto l19
do local a270 end
goto l21
do local a272 end
goto l23
do local a274 end
goto l25
do local a276 end
goto l27
do local a278 end
goto l29
do local a280 end
goto l31
do local a282 end
goto l33
do local a284 end
goto l35
do local a286 end
goto l37
do local a288 end
goto l39
do local a290 end
goto l41
do local a292 end
goto l43
do local a294 end
goto l45
do local a296 end
goto l47
do local a298 end
goto l49
do local a300 end
goto l1
do local a302 end
goto l3
do local a304 end
goto l5
do local a306 end
goto l7
do local a308 end
goto l9
do local a310 end
goto l11
do local a312 end
goto l13
do local a314 end
goto l15
do local a316 end
goto l17
do local a318 end
goto l19
do local a320 end
goto l21
do local a322 end
goto l23
do local a324 end
goto l25
do local a326 end
goto l27
do local a328 end
goto l29
do local a330 end
goto l31
do local a332 end
goto l33
do local a334 end
goto l35
do local a336 end
goto l37
do local a338 end
goto l39
do local a340 end
goto l41
do local a342 end
goto l43
do local a344 end
goto l45
do local a346 end
goto l47
do local a348 end
goto l49
do local a350 end
goto l1
do local a352 end
goto l3
do local a354 end
goto l5
do local a356 end
goto l7
do local a358 end
goto l9
do local a360 end
goto l11
do local a362 end
goto l13
do local a364 end
goto l15
do local a366 end
goto l17
do local a368 end
goto l19
do local a370 end
goto l21
do local a372 end
goto l23
do local a374 end
goto l25
do local a376 end
goto l27
do local a378 end
goto l29
do local a380 end
goto l31
do local a382 end
goto l33
do local a384 end
goto l35
do local a386 end
goto l37
do local a388 end
goto l39
do local a390 end
goto l41
do local a392 end
goto l43
do local a394 end
goto l45
do local a396 end
goto l47
do local a398 end
goto l49
do local a400 end
goto l1
do local a402 end
goto l3
do local a404 end
goto l5
do local a406 end
goto l7
do local a408 end
goto l9
do local a410 end
goto l11
do local a412 end
goto l13
do local a414 end
goto l15
do local a416 end
goto l17
do local a418 end
goto l19
do local a420 end
goto l21
do local a422 end
goto l23
do local a424 end
goto l25
do local a426 end
goto l27
do local a428 end
goto l29
do local a430 end
goto l31
do local a432 end
goto l33
do local a434 end
goto l35
do local a436 end
goto l37
do local a438 end
goto l39
do local a440 end
goto l41
do local a442 end
goto l43
do local a444 end
goto l45
do local a446 end
goto l47
do local a448 end
goto l49
do local a450 end
goto l1
do local a452 end
goto l3
do local a454 end
goto l5
do local a456 end
goto l7
do local a458 end
goto l9
do local a460 end
goto l11
do local a462 end
goto l13
do local a464 end
goto l15
do local a466 end
goto l17
do local a468 end
goto l19
do local a470 end
goto l21
do local a472 end
goto l23
do local a474 end
goto l25
do local a476 end
goto l27
do local a478 end
goto l29
do local a480 end
goto l31
do local a482 end
goto l33
do local a484 end
goto l35
do local a486 end
goto l37
do local a488 end
goto l39
do local a490 end
goto l41
do local a492 end
goto l43
do local a494 end
goto l45
do local a496 end
goto l47
do local a498 end
goto l49
do local a500 end
goto l1
do local a502 end
goto l3
do local a504 end
goto l5
do local a506 end
goto l7
do local a508 end
goto l9
do local a510 end
goto l11
do local a512 end
goto l13
do local a514 end
goto l15
do local a516 end
goto l17
do local a518 end
goto l19
do local a520 end
goto l21
do local a522 end
goto l23
do local a524 end
goto l25
do local a526 end
goto l27
do local a528 end
goto l29
do local a530 end
goto l31
do local a532 end
goto l33
do local a534 end
goto l35
do local a536 end
goto l37
do local a538 end
goto l39
do local a540 end
goto l41
do local a542 end
goto l43
do local a544 end
goto l45
do local a546 end
goto l47
do local a548 end
goto l49
do local a550 end
goto l1
do local a552 end
goto l3
do local a554 end
goto l5
do local a556 end
goto l7
do local a558 end
goto l9
do local a560 end
goto l11
do local a562 end
goto l13
do local a564 end
goto l15
do local a566 end
goto l17
do local a568 end
goto l19
do local a570 end
goto l21
do local a572 end
goto l23
do local a574 end
goto l25
do local a576 end
goto l27
do local a578 end
goto l29
do local a580 end
goto l31
do local a582 end
goto l33
do local a584 end
goto l35
do local a586 end
goto l37
do local a588 end
goto l39
do local a590 end
goto l41
do local a592 end
goto l43
do local a594 end
goto l45
do local a596 end
goto l47
do local a598 end
goto l49
do local a600 end
goto l1
do local a602 end
goto l3
do local a604 end
goto l5
do local a606 end
goto l7
do local a608 end
goto l9
do local a610 end
goto l11
do local a612 end
goto l13
do local a614 end
goto l15
do local a616 end
goto l17
do local a618 end
goto l19
do local a620 end
goto l21
do local a622 end
goto l23
do local a624 end
goto l25
do local a626 end
goto l27
do local a628 end
goto l29
do local a630 end
goto l31
do local a632 end
goto l33
do local a634 end
goto l35
do local a636 end
goto l37
do local a638 end
goto l39
do local a640 end
goto l41
do local a642 end
goto l43
do local a644 end
goto l45
do local a646 end
goto l47
do local a648 end
goto l49
do local a650 end
goto l1
do local a652 end
goto l3
do local a654 end
goto l5
do local a656 end
goto l7
do local a658 end
goto l9
do local a660 end
goto l11
do local a662 end
goto l13
do local a664 end
goto l15
do local a666 end
goto l17
do local a668 end
goto l19
do local a670 end
goto l21
do local a672 end
goto l23
do local a674 end
goto l25
do local a676 end
goto l27
do local a678 end
goto l29
do local a680 end
goto l31
do local a682 end
goto l33
do local a684 end
goto l35
do local a686 end
goto l37
do local a688 end
goto l39
do local a690 end
goto l41
do local a692 end
goto l43
do local a694 end
goto l45
do local a696 end
goto l47
do local a698 end
goto l49
do local a700 end
goto l1
do local a702 end
goto l3
do local a704 end
goto l5
do local a706 end
goto l7
do local a708 end
goto l9
do local a710 end
goto l11
do local a712 end
goto l13
do local a714 end
goto l15
do local a716 end
goto l17
do local a718 end
goto l19
do local a720 end
goto l21
do local a722 end
goto l23
do local a724 end
goto l25
do local a726 end
goto l27
do local a728 end
goto l29
do local a730 end
goto l31
do local a732 end
goto l33
do local a734 end
goto l35
do local a736 end
goto l37
do local a738 end
goto l39
do local a740 end
goto l41
do local a742 end
goto l43
do local a744 end
goto l45
do local a746 end
goto l47
do local a748 end
goto l49
do local a750 end
goto l1
do local a752 end
goto l3
do local a754 end
goto l5
do local a756 end
goto l7
do local a758 end
goto l9
do local a760 end
goto l11
do local a762 end
goto l13
do local a764 end
goto l15
do local a766 end
goto l17
do local a768 end
goto l19
do local a770 end
goto l21
do local a772 end
goto l23
do local a774 end
goto l25
do local a776 end
goto l27
do local a778 end
goto l29
do local a780 end
goto l31
do local a782 end
goto l33
do local a784 end
goto l35
do local a786 end
goto l37
do local a788 end
goto l39
do local a790 end
goto l41
do local a792 end
goto l43
do local a794 end
goto l45
do local a796 end
goto l47
do local a798 end
goto l49
do local a800 end
goto l1
do local a802 end
goto l3
do local a804 end
goto l5
do local a806 end
goto l7
do local a808 end
goto l9
do local a810 end
goto l11
do local a812 end
goto l13
do local a814 end
goto l15
do local a816 end
goto l17
do local a818 end
goto l19
do local a820 end
goto l21
do local a822 end
goto l23
do local a824 end
goto l25
do local a826 end
goto l27
do local a828 end
goto l29
do local a830 end
goto l31
do local a832 end
goto l33
do local a834 end
goto l35
do local a836 end
goto l37
do local a838 end
goto l39
do local a840 end
goto l41
do local a842 end
goto l43
do local a844 end
goto l45
do local a846 end
goto l47
do local a848 end
goto l49
do local a850 end
goto l1
do local a852 end
goto l3
do local a854 end
goto l5
do local a856 end
goto l7
do local a858 end
goto l9
do local a860 end
goto l11
do local a862 end
goto l13
do local a864 end
goto l15
do local a866 end
goto l17
do local a868 end
goto l19
do local a870 end
goto l21
do local a872 end
goto l23
do local a874 end
goto l25
do local a876 end
goto l27
do local a878 end
goto l29
do local a880 end
goto l31
do local a882 end
goto l33
do local a884 end
goto l35
do local a886 end
goto l37
do local a888 end
goto l39
do local a890 end
goto l41
do local a892 end
goto l43
do local a894 end
goto l45
do local a896 end
goto l47
do local a898 end
goto l49
do local a900 end
goto l1
do local a902 end
goto l3
do local a904 end
goto l5
do local a906 end
goto l7
do local a908 end
goto l9
do local a910 end
goto l11
do local a912 end
goto l13
do local a914 end
goto l15
do local a916 end
goto l17
do local a918 end
goto l19
do local a920 end
goto l21
do local a922 end
goto l23
do local a924 end
goto l25
do local a926 end
goto l27
do local a928 end
goto l29
do local a930 end
goto l31
do local a932 end
goto l33
do local a934 end
goto l35
do local a936 end
goto l37
do local a938 end
goto l39
do local a940 end
goto l41
do local a942 end
goto l43
do local a944 end
goto l45
do local a946 end
goto l47
do local a948 end
goto l49
do local a950 end
goto l1
do local a952 end
goto l3
do local a954 end
goto l5
do local a956 end
goto l7
do local a958 end
goto l9
do local a960 end
goto l11
do local a962 end
goto l13
do local a964 end
goto l15
do local a966 end
goto l17
do local a968 end
goto l19
do local a970 end
goto l21
do local a972 end
goto l23
do local a974 end
goto l25
do local a976 end
goto l27
do local a978 end
goto l29
do local a980 end
goto l31
do local a982 end
goto l33
do local a984 end
goto l35
do local a986 end
goto l37
do local a988 end
goto l39
do local a990 end
goto l41
do local a992 end
goto l43
do local a994 end
goto l45
do local a996 end
goto l47
do local a998 end
goto l49
do local a1000 end
goto l1
do local a1002 end
goto l3
do local a1004 end
goto l5
do local a1006 end
goto l7
do local a1008 end
goto l9
do local a1010 end
goto l11
do local a1012 end
goto l13
do local a1014 end
goto l15
do local a1016 end
goto l17
do local a1018 end
goto l19
do local a1020 end
goto l21
do local a1022 end
goto l23
do local a1024 end
goto l25
do local a1026 end
goto l27
do local a1028 end
goto l29
do local a1030 end
goto l31
do local a1032 end
goto l33
do local a1034 end
goto l35
do local a1036 end
goto l37
do local a1038 end
goto l39
do local a1040 end
goto l41
do local a1042 end
goto l43
do local a1044 end
goto l45
do local a1046 end
goto l47
do local a1048 end
goto l49
do local a1050 end
goto l1
do local a1052 end
goto l3
do local a1054 end
goto l5
do local a1056 end
goto l7
do local a1058 end
goto l9
do local a1060 end
goto l11
do local a1062 end
goto l13
do local a1064 end
goto l15
do local a1066 end
goto l17
do local a1068 end
goto l19
do local a1070 end
goto l21
do local a1072 end
goto l23
do local a1074 end
goto l25
do local a1076 end
goto l27
do local a1078 end
goto l29
do local a1080 end
goto l31
do local a1082 end
goto l33
do local a1084 end
goto l35
do local a1086 end
goto l37
do local a1088 end
goto l39
do local a1090 end
goto l41
do local a1092 end
goto l43
do local a1094 end
goto l45
do local a1096 end
goto l47
do local a1098 end
goto l49
do local a1100 end
goto l1
do local a1102 end
goto l3
do local a1104 end
goto l5
do local a1106 end
goto l7
do local a1108 end
goto l9
do local a1110 end
goto l11
do local a1112 end
goto l13
do local a1114 end
goto l15
do local a1116 end
goto l17
do local a1118 end
goto l19
do local a1120 end
goto l21
do local a1122 end
goto l23
do local a1124 end
goto l25
do local a1126 end
goto l27
do local a1128 end
goto l29
do local a1130 end
goto l31
do local a1132 end
goto l33
do local a1134 end
goto l35
do local a1136 end
goto l37
do local a1138 end
goto l39
do local a1140 end
goto l41
do local a1142 end
goto l43
do local a1144 end
goto l45
do local a1146 end
goto l47
do local a1148 end
goto l49
do local a1150 end
goto l1
do local a1152 end
goto l3
do local a1154 end
goto l5
do local a1156 end
goto l7
do local a1158 end
goto l9
do local a1160 end
goto l11
do local a1162 end
goto l13
do local a1164 end
goto l15
do local a1166 end
goto l17
do local a1168 end
goto l19
do local a1170 end
goto l21
do local a1172 end
goto l23
do local a1174 end
goto l25
do local a1176 end
goto l27
do local a1178 end
goto l29
do local a1180 end
goto l31
do local a1182 end
goto l33
do local a1184 end
goto l35
do local a1186 end
goto l37
do local a1188 end
goto l39
do local a1190 end
goto l41
do local a1192 end
goto l43
do local a1194 end
goto l45
do local a1196 end
goto l47
do local a1198 end
goto l49
do local a1200 end
goto l1
do local a1202 end
goto l3
do local a1204 end
goto l5
do local a1206 end
goto l7
do local a1208 end
goto l9
do local a1210 end
goto l11
do local a1212 end
goto l13
do local a1214 end
goto l15
do local a1216 end
goto l17
do local a1218 end
goto l19
do local a1220 end
goto l21
do local a1222 end
goto l23
do local a1224 end
goto l25
do local a1226 end
goto l27
do local a1228 end
goto l29
do local a1230 end
goto l31
do local a1232 end
goto l33
do local a1234 end
goto l35
do local a1236 end
goto l37
do local a1238 end
goto l39
do local a1240 end
goto l41
do local a1242 end
goto l43
do local a1244 end
goto l45
do local a1246 end
goto l47
do local a1248 end
goto l49
do local a1250 end
goto l1
do local a1252 end
goto l3
do local a1254 end
goto l5
do local a1256 end
goto l7
do local a1258 end
goto l9
do local a1260 end
goto l11
do local a1262 end
goto l13
do local a1264 end
goto l15
do local a1266 end
goto l17
do local a1268 end
goto l19
do local a1270 end
goto l21
do local a1272 end
goto l23
do local a1274 end
goto l25
do local a1276 end
goto l27
do local a1278 end
goto l29
do local a1280 end
goto l31
do local a1282 end
goto l33
do local a1284 end
goto l35
do local a1286 end
goto l37
do local a1288 end
goto l39
do local a1290 end
goto l41
do local a1292 end
goto l43
do local a1294 end
goto l45
do local a1296 end
goto l47
do local a1298 end
goto l49
do local a1300 end
goto l1
do local a1302 end
goto l3
do local a1304 end
goto l5
do local a1306 end
goto l7
do local a1308 end
goto l9
do local a1310 end
goto l11
do local a1312 end
goto l13
do local a1314 end
goto l15
do local a1316 end
goto l17
do local a1318 end
goto l19
do local a1320 end
goto l21
do local a1322 end
goto l23
do local a1324 end
goto l25
do local a1326 end
goto l27
do local a1328 end
goto l29
do local a1330 end
goto l31
do local a1332 end
goto l33
do local a1334 end
goto l35
do local a1336 end
goto l37
do local a1338 end
goto l39
do local a1340 end
goto l41
do local a1342 end
goto l43
do local a1344 end
goto l45
do local a1346 end
goto l47
do local a1348 end
goto l49
do local a1350 end
goto l1
do local a1352 end
goto l3
do local a1354 end
goto l5
do local a1356 end
goto l7
do local a1358 end
goto l9
do local a1360 end
goto l11
do local a1362 end
goto l13
do local a1364 end
goto l15
do local a1366 end
goto l17
do local a1368 end
goto l19
do local a1370 end
goto l21
do local a1372 end
goto l23
do local a1374 end
goto l25
do local a1376 end
goto l27
do local a1378 end
goto l29
do local a1380 end
goto l31
do local a1382 end
goto l33
do local a1384 end
goto l35
do local a1386 end
goto l37
do local a1388 end
goto l39
do local a1390 end
goto l41
do local a1392 end
goto l43
do local a1394 end
goto l45
do local a1396 end
goto l47
do local a1398 end
goto l49
do local a1400 end
goto l1
do local a1402 end
goto l3
do local a1404 end
goto l5
do local a1406 end
goto l7
do local a1408 end
goto l9
do local a1410 end
goto l11
do local a1412 end
goto l13
do local a1414 end
goto l15
do local a1416 end
goto l17
do local a1418 end
goto l19
do local a1420 end
goto l21
do local a1422 end
goto l23
do local a1424 end
goto l25
do local a1426 end
goto l27
do local a1428 end
goto l29
do local a1430 end
goto l31
do local a1432 end
goto l33
do local a1434 end
goto l35
do local a1436 end
goto l37
do local a1438 end
goto l39
do local a1440 end
goto l41
do local a1442 end
goto l43
do local a1444 end
goto l45
do local a1446 end
goto l47
do local a1448 end
goto l49
do local a1450 end
goto l1
do local a1452 end
goto l3
do local a1454 end
goto l5
do local a1456 end
goto l7
do local a1458 end
goto l9
do local a1460 end
goto l11
do local a1462 end
goto l13
do local a1464 end
goto l15
do local a1466 end
goto l17
do local a1468 end
goto l19
do local a1470 end
goto l21
do local a1472 end
goto l23
do local a1474 end
goto l25
do local a1476 end
goto l27
do local a1478 end
goto l29
do local a1480 end
goto l31
do local a1482 end
goto l33
do local a1484 end
goto l35
do local a1486 end
goto l37
do local a1488 end
goto l39
do local a1490 end
goto l41
do local a1492 end
goto l43
do local a1494 end
goto l45
do local a1496 end
goto l47
do local a1498 end
goto l49
do local a1500 end
goto l1
do local a1502 end
goto l3
do local a1504 end
goto l5
do local a1506 end
goto l7
do local a1508 end
goto l9
do local a1510 end
goto l11
do local a1512 end
goto l13
do local a1514 end
goto l15
do local a1516 end
goto l17
do local a1518 end
goto l19
do local a1520 end
goto l21
do local a1522 end
goto l23
do local a1524 end
goto l25
do local a1526 end
goto l27
do local a1528 end
goto l29
do local a1530 end
goto l31
do local a1532 end
goto l33
do local a1534 end
goto l35
do local a1536 end
goto l37
do local a1538 end
goto l39
do local a1540 end
goto l41
do local a1542 end
goto l43
do local a1544 end
goto l45
do local a1546 end
goto l47
do local a1548 end
goto l49
do local a1550 end
goto l1
do local a1552 end
goto l3
do local a1554 end
goto l5
do local a1556 end
goto l7
do local a1558 end
goto l9
do local a1560 end
goto l11
do local a1562 end
goto l13
do local a1564 end
goto l15
do local a1566 end
goto l17
do local a1568 end
goto l19
do local a1570 end
goto l21
do local a1572 end
goto l23
do local a1574 end
goto l25
do local a1576 end
goto l27
do local a1578 end
goto l29
do local a1580 end
goto l31
do local a1582 end
goto l33
do local a1584 end
goto l35
do local a1586 end
goto l37
do local a1588 end
goto l39
do local a1590 end
goto l41
do local a1592 end
goto l43
do local a1594 end
goto l45
do local a1596 end
goto l47
do local a1598 end
goto l49
do local a1600 end
goto l1
do local a1602 end
goto l3
do local a1604 end
goto l5
do local a1606 end
goto l7
do local a1608 end
goto l9
do local a1610 end
goto l11
do local a1612 end
goto l13
do local a1614 end
goto l15
do local a1616 end
goto l17
do local a1618 end
goto l19
do local a1620 end
goto l21
do local a1622 end
goto l23
do local a1624 end
goto l25
do local a1626 end
goto l27
do local a1628 end
goto l29
do local a1630 end
goto l31
do local a1632 end
goto l33
do local a1634 end
goto l35
do local a1636 end
goto l37
do local a1638 end
goto l39
do local a1640 end
goto l41
do local a1642 end
goto l43
do local a1644 end
goto l45
do local a1646 end
goto l47
do local a1648 end
goto l49
do local a1650 end
goto l1
do local a1652 end
goto l3
do local a1654 end
goto l5
do local a1656 end
goto l7
do local a1658 end
goto l9
do local a1660 end
goto l11
do local a1662 end
goto l13
do local a1664 end
goto l15
do local a1666 end
goto l17
do local a1668 end
goto l19
do local a1670 end
goto l21
do local a1672 end
goto l23
do local a1674 end
goto l25
do local a1676 end
goto l27
do local a1678 end
goto l29
do local a1680 end
goto l31
do local a1682 end
goto l33
do local a1684 end
goto l35
do local a1686 end
goto l37
do local a1688 end
goto l39
do local a1690 end
goto l41
do local a1692 end
goto l43
do local a1694 end
goto l45
do local a1696 end
goto l47
do local a1698 end
goto l49
do local a1700 end
goto l1
do local a1702 end
goto l3
do local a1704 end
goto l5
do local a1706 end
goto l7
do local a1708 end
goto l9
do local a1710 end
goto l11
do local a1712 end
goto l13
do local a1714 end
goto l15
do local a1716 end
goto l17
do local a1718 end
goto l19
do local a1720 end
goto l21
do local a1722 end
goto l23
do local a1724 end
goto l25
do local a1726 end
goto l27
do local a1728 end
goto l29
do local a1730 end
goto l31
do local a1732 end
goto l33
do local a1734 end
goto l35
do local a1736 end
goto l37
do local a1738 end
goto l39
do local a1740 end
goto l41
do local a1742 end
goto l43
do local a1744 end
goto l45
do local a1746 end
goto l47
do local a1748 end
goto l49
do local a1750 end
goto l1
do local a1752 end
goto l3
do local a1754 end
goto l5
do local a1756 end
goto l7
do local a1758 end
goto l9
do local a1760 end
goto l11
do local a1762 end
goto l13
do local a1764 end
goto l15
do local a1766 end
goto l17
do local a1768 end
goto l19
do local a1770 end
goto l21
do local a1772 end
goto l23
do local a1774 end
goto l25
do local a1776 end
goto l27
do local a1778 end
goto l29
do local a1780 end
goto l31
do local a1782 end
goto l33
do local a1784 end
goto l35
do local a1786 end
goto l37
do local a1788 end
goto l39
do local a1790 end
goto l41
do local a1792 end
goto l43
do local a1794 end
goto l45
do local a1796 end
goto l47
do local a1798 end
goto l49
do local a1800 end
goto l1
do local a1802 end
goto l3
do local a1804 end
goto l5
do local a1806 end
goto l7
do local a1808 end
goto l9
do local a1810 end
goto l11
do local a1812 end
goto l13
do local a1814 end
goto l15
do local a1816 end
goto l17
do local a1818 end
goto l19
do local a1820 end
goto l21
do local a1822 end
goto l23
do local a1824 end
goto l25
do local a1826 end
goto l27
do local a1828 end
goto l29
do local a1830 end
goto l31
do local a1832 end
goto l33
do local a1834 end
goto l35
do local a1836 end
goto l37
do local a1838 end
goto l39
do local a1840 end
goto l41
do local a1842 end
goto l43
do local a1844 end
goto l45
do local a1846 end
goto l47
do local a1848 end
goto l49
do local a1850 end
goto l1
do local a1852 end
goto l3
do local a1854 end
goto l5
do local a1856 end
goto l7
do local a1858 end
goto l9
do local a1860 end
goto l11
do local a1862 end
goto l13
do local a1864 end
goto l15
do local a1866 end
goto l17
do local a1868 end
goto l19
do local a1870 end
goto l21
do local a1872 end
goto l23
do local a1874 end
goto l25
do local a1876 end
goto l27
do local a1878 end
goto l29
do local a1880 end
goto l31
do local a1882 end
goto l33
do local a1884 end
goto l35
do local a1886 end
goto l37
do local a1888 end
goto l39
do local a1890 end
goto l41
do local a1892 end
goto l43
do local a1894 end
goto l45
do local a1896 end
goto l47
do local a1898 end
goto l49
do local a1900 end
goto l1
do local a1902 end
goto l3
do local a1904 end
goto l5
do local a1906 end
goto l7
do local a1908 end
goto l9
do local a1910 end
goto l11
do local a1912 end
goto l13
do local a1914 end
goto l15
do local a1916 end
goto l17
do local a1918 end
goto l19
do local a1920 end
goto l21
do local a1922 end
goto l23
do local a1924 end
goto l25
do local a1926 end
goto l27
do local a1928 end
goto l29
do local a1930 end
goto l31
do local a1932 end
goto l33
do local a1934 end
goto l35
do local a1936 end
goto l37
do local a1938 end
goto l39
do local a1940 end
goto l41
do local a1942 end
goto l43
do local a1944 end
goto l45
do local a1946 end
goto l47
do local a1948 end
goto l49
do local a1950 end
goto l1
do local a1952 end
goto l3
do local a1954 end
goto l5
do local a1956 end
goto l7
do local a1958 end
goto l9
do local a1960 end
goto l11
do local a1962 end
goto l13
do local a1964 end
goto l15
do local a1966 end
goto l17
do local a1968 end
goto l19
do local a1970 end
goto l21
do local a1972 end
goto l23
do local a1974 end
goto l25
do local a1976 end
goto l27
do local a1978 end
goto l29
do local a1980 end
goto l31
do local a1982 end
goto l33
do local a1984 end
goto l35
do local a1986 end
goto l37
do local a1988 end
goto l39
do local a1990 end
goto l41
do local a1992 end
goto l43
do local a1994 end
goto l45
do local a1996 end
goto l47
do local a1998 end
goto l49
do local a2000 end
goto l1
do local a2002 end
goto l3
do local a2004 end
goto l5
do local a2006 end
goto l7
do local a2008 end
goto l9
do local a2010 end
goto l11
do local a2012 end
goto l13
do local a2014 end
goto l15
do local a2016 end
goto l17
do local a2018 end
goto l19
do local a2020 end
goto l21
do local a2022 end
goto l23
do local a2024 end
goto l25
do local a2026 end
goto l27
do local a2028 end
goto l29
do local a2030 end
goto l31
do local a2032 end
goto l33
do local a2034 end
goto l35
do local a2036 end
goto l37
do local a2038 end
goto l39
do local a2040 end
goto l41
do local a2042 end
goto l43
do local a2044 end
goto l45
do local a2046 end
goto l47
do local a2048 end
goto l49
do local a2050 end
goto l1
do local a2052 end
goto l3
do local a2054 end
goto l5
do local a2056 end
goto l7
do local a2058 end
goto l9
do local a2060 end
goto l11
do local a2062 end
goto l13
do local a2064 end
goto l15
do local a2066 end
goto l17
do local a2068 end
goto l19
do local a2070 end
goto l21
do local a2072 end
goto l23
do local a2074 end
goto l25
do local a2076 end
goto l27
do local a2078 end
goto l29
do local a2080 end
goto l31
do local a2082 end
goto l33
do local a2084 end
goto l35
do local a2086 end
goto l37
do local a2088 end
goto l39
do local a2090 end
goto l41
do local a2092 end
goto l43
do local a2094 end
goto l45
do local a2096 end
goto l47
do local a2098 end
goto l49
do local a2100 end
goto l1
do local a2102 end
goto l3
do local a2104 end
goto l5
do local a2106 end
goto l7
do local a2108 end
goto l9
do local a2110 end
goto l11
do local a2112 end
goto l13
do local a2114 end
goto l15
do local a2116 end
goto l17
do local a2118 end
goto l19
do local a2120 end
goto l21
do local a2122 end
goto l23
do local a2124 end
goto l25
do local a2126 end
goto l27
do local a2128 end
goto l29
do local a2130 end
goto l31
do local a2132 end
goto l33
do local a2134 end
goto l35
do local a2136 end
goto l37
do local a2138 end
goto l39
do local a2140 end
goto l41
do local a2142 end
goto l43
do local a2144 end
goto l45
do local a2146 end
goto l47
do local a2148 end
goto l49
do local a2150 end
goto l1
do local a2152 end
goto l3
do local a2154 end
goto l5
do local a2156 end
goto l7
do local a2158 end
goto l9
do local a2160 end
goto l11
do local a2162 end
goto l13
do local a2164 end
goto l15
do local a2166 end
goto l17
do local a2168 end
goto l19
do local a2170 end
goto l21
do local a2172 end
goto l23
do local a2174 end
goto l25
do local a2176 end
goto l27
do local a2178 end
goto l29
do local a2180 end
goto l31
do local a2182 end
goto l33
do local a2184 end
goto l35
do local a2186 end
goto l37
do local a2188 end
goto l39
do local a2190 end
goto l41
do local a2192 end
goto l43
do local a2194 end
goto l45
do local a2196 end
goto l47
do local a2198 end
goto l49
do local a2200 end
goto l1
do local a2202 end
goto l3
do local a2204 end
goto l5
do local a2206 end
goto l7
do local a2208 end
goto l9
do local a2210 end
goto l11
do local a2212 end
goto l13
do local a2214 end
goto l15
do local a2216 end
goto l17
do local a2218 end
goto l19
do local a2220 end
goto l21
do local a2222 end
goto l23
do local a2224 end
goto l25
do local a2226 end
goto l27
do local a2228 end
goto l29
do local a2230 end
goto l31
do local a2232 end
goto l33
do local a2234 end
goto l35
do local a2236 end
goto l37
do local a2238 end
goto l39
do local a2240 end
goto l41
do local a2242 end
goto l43
do local a2244 end
goto l45
do local a2246 end
goto l47
do local a2248 end
goto l49
do local a2250 end
goto l1
do local a2252 end
goto l3
do local a2254 end
goto l5
do local a2256 end
goto l7
do local a2258 end
goto l9
do local a2260 end
goto l11
do local a2262 end
goto l13
do local a2264 end
goto l15
do local a2266 end
goto l17
do local a2268 end
goto l19
do local a2270 end
goto l21
do local a2272 end
goto l23
do local a2274 end
goto l25
do local a2276 end
goto l27
do local a2278 end
goto l29
do local a2280 end
goto l31
do local a2282 end
goto l33
do local a2284 end
goto l35
do local a2286 end
goto l37
do local a2288 end
goto l39
do local a2290 end
goto l41
do local a2292 end
goto l43
do local a2294 end
goto l45
do local a2296 end
goto l47
do local a2298 end
goto l49
do local a2300 end
goto l1
do local a2302 end
goto l3
do local a2304 end
goto l5
do local a2306 end
goto l7
do local a2308 end
goto l9
do local a2310 end
goto l11
do local a2312 end
goto l13
do local a2314 end
goto l15
do local a2316 end
goto l17
do local a2318 end
goto l19
do local a2320 end
goto l21
do local a2322 end
goto l23
do local a2324 end
goto l25
do local a2326 end
goto l27
do local a2328 end
goto l29
do local a2330 end
goto l31
do local a2332 end
goto l33
do local a2334 end
goto l35
do local a2336 end
goto l37
do local a2338 end
goto l39
do local a2340 end
goto l41
do local a2342 end
goto l43
do local a2344 end
goto l45
do local a2346 end
goto l47
do local a2348 end
goto l49
do local a2350 end
goto l1
do local a2352 end
goto l3
do local a2354 end
goto l5
do local a2356 end
goto l7
do local a2358 end
goto l9
do local a2360 end
goto l11
do local a2362 end
goto l13
do local a2364 end
goto l15
do local a2366 end
goto l17
do local a2368 end
goto l19
do local a2370 end
goto l21
do local a2372 end
goto l23
do local a2374 end
goto l25
do local a2376 end
goto l27
do local a2378 end
goto l29
do local a2380 end
goto l31
do local a2382 end
goto l33
do local a2384 end
goto l35
do local a2386 end
goto l37
do local a2388 end
goto l39
do local a2390 end
goto l41
do local a2392 end
goto l43
do local a2394 end
goto l45
do local a2396 end
goto l47
do local a2398 end
goto l49
do local a2400 end
goto l1
do local a2402 end
goto l3
do local a2404 end
goto l5
do local a2406 end
goto l7
do local a2408 end
goto l9
do local a2410 end
goto l11
do local a2412 end
goto l13
do local a2414 end
goto l15
do local a2416 end
goto l17
do local a2418 end
goto l19
do local a2420 end
goto l21
do local a2422 end
goto l23
do local a2424 end
goto l25
do local a2426 end
goto l27
do local a2428 end
goto l29
do local a2430 end
goto l31
do local a2432 end
goto l33
do local a2434 end
goto l35
do local a2436 end
goto l37
do local a2438 end
goto l39
do local a2440 end
goto l41
do local a2442 end
goto l43
do local a2444 end
goto l45
do local a2446 end
goto l47
do local a2448 end
goto l49
do local a2450 end
goto l1
do local a2452 end
goto l3
do local a2454 end
goto l5
do local a2456 end
goto l7
do local a2458 end
goto l9
do local a2460 end
goto l11
do local a2462 end
goto l13
do local a2464 end
goto l15
do local a2466 end
goto l17
do local a2468 end
goto l19
do local a2470 end
goto l21
do local a2472 end
goto l23
do local a2474 end
goto l25
do local a2476 end
goto l27
do local a2478 end
goto l29
do local a2480 end
goto l31
do local a2482 end
goto l33
do local a2484 end
goto l35
do local a2486 end
goto l37
do local a2488 end
goto l39
do local a2490 end
goto l41
do local a2492 end
goto l43
do local a2494 end
goto l45
do local a2496 end
goto l47
do local a2498 end
goto l49
do local a2500 end
goto l1
do local a2502 end
goto l3
do local a2504 end
goto l5
do local a2506 end
goto l7
do local a2508 end
goto l9
do local a2510 end
goto l11
do local a2512 end
goto l13
do local a2514 end
goto l15
do local a2516 end
goto l17
do local a2518 end
goto l19
do local a2520 end
goto l21
do local a2522 end
goto l23
do local a2524 end
goto l25
do local a2526 end
goto l27
do local a2528 end
goto l29
do local a2530 end
goto l31
do local a2532 end
goto l33
do local a2534 end
goto l35
do local a2536 end
goto l37
do local a2538 end
goto l39
do local a2540 end
goto l41
do local a2542 end
goto l43
do local a2544 end
goto l45
do local a2546 end
goto l47
do local a2548 end
goto l49
do local a2550 end
goto l1
do local a2552 end
goto l3
do local a2554 end
goto l5
do local a2556 end
goto l7
do local a2558 end
goto l9
do local a2560 end
goto l11
do local a2562 end
goto l13
do local a2564 end
goto l15
do local a2566 end
goto l17
do local a2568 end
goto l19
do local a2570 end
goto l21
do local a2572 end
goto l23
do local a2574 end
goto l25
do local a2576 end
goto l27
do local a2578 end
goto l29
do local a2580 end
goto l31
do local a2582 end
goto l33
do local a2584 end
goto l35
do local a2586 end
goto l37
do local a2588 end
goto l39
do local a2590 end
goto l41
do local a2592 end
goto l43
do local a2594 end
goto l45
do local a2596 end
goto l47
do local a2598 end
goto l49
do local a2600 end
goto l1
do local a2602 end
goto l3
do local a2604 end
goto l5
do local a2606 end
goto l7
do local a2608 end
goto l9
do local a2610 end
goto l11
do local a2612 end
goto l13
do local a2614 end
goto l15
do local a2616 end
goto l17
do local a2618 end
goto l19
do local a2620 end
goto l21
do local a2622 end
goto l23
do local a2624 end
goto l25
do local a2626 end
goto l27
do local a2628 end
goto l29
do local a2630 end
goto l31
do local a2632 end
goto l33
do local a2634 end
goto l35
do local a2636 end
goto l37
do local a2638 end
goto l39
do local a2640 end
goto l41
do local a2642 end
goto l43
do local a2644 end
goto l45
do local a2646 end
goto l47
do local a2648 end
goto l49
do local a2650 end
goto l1
do local a2652 end
goto l3
do local a2654 end
goto l5
do local a2656 end
goto l7
do local a2658 end
goto l9
do local a2660 end
goto l11
do local a2662 end
goto l13
do local a2664 end
goto l15
do local a2666 end
goto l17
do local a2668 end
goto l19
do local a2670 end
goto l21
do local a2672 end
goto l23
do local a2674 end
goto l25
do local a2676 end
goto l27
do local a2678 end
goto l29
do local a2680 end
goto l31
do local a2682 end
goto l33
do local a2684 end
goto l35
do local a2686 end
goto l37
do local a2688 end
goto l39
do local a2690 end
goto l41
do local a2692 end
goto l43
do local a2694 end
goto l45
do local a2696 end
goto l47
do local a2698 end
goto l49
do local a2700 end
goto l1
do local a2702 end
goto l3
do local a2704 end
goto l5
do local a2706 end
goto l7
do local a2708 end
goto l9
do local a2710 end
goto l11
do local a2712 end
goto l13
do local a2714 end
goto l15
do local a2716 end
goto l17
do local a2718 end
goto l19
do local a2720 end
goto l21
do local a2722 end
goto l23
do local a2724 end
goto l25
do local a2726 end
goto l27
do local a2728 end
goto l29
do local a2730 end
goto l31
do local a2732 end
goto l33
do local a2734 end
goto l35
do local a2736 end
goto l37
do local a2738 end
goto l39
do local a2740 end
goto l41
do local a2742 end
goto l43
do local a2744 end
goto l45
do local a2746 end
goto l47
do local a2748 end
goto l49
do local a2750 end
goto l1
do local a2752 end
goto l3
do local a2754 end
goto l5
do local a2756 end
goto l7
do local a2758 end
goto l9
do local a2760 end
goto l11
do local a2762 end
goto l13
do local a2764 end
goto l15
do local a2766 end
goto l17
do local a2768 end
goto l19
do local a2770 end
goto l21
do local a2772 end
goto l23
do local a2774 end
goto l25
do local a2776 end
goto l27
do local a2778 end
goto l29
do local a2780 end
goto l31
do local a2782 end
goto l33
do local a2784 end
goto l35
do local a2786 end
goto l37
do local a2788 end
goto l39
do local a2790 end
goto l41
do local a2792 end
goto l43
do local a2794 end
goto l45
do local a2796 end
goto l47
do local a2798 end
goto l49
do local a2800 end
goto l1
do local a2802 end
goto l3
do local a2804 end
goto l5
do local a2806 end
goto l7
do local a2808 end
goto l9
do local a2810 end
goto l11
do local a2812 end
goto l13
do local a2814 end
goto l15
do local a2816 end
goto l17
do local a2818 end
goto l19
do local a2820 end
goto l21
do local a2822 end
goto l23
do local a2824 end
goto l25
do local a2826 end
goto l27
do local a2828 end
goto l29
do local a2830 end
goto l31
do local a2832 end
goto l33
do local a2834 end
goto l35
do local a2836 end
goto l37
do local a2838 end
goto l39
do local a2840 end
goto l41
do local a2842 end
goto l43
do local a2844 end
goto l45
do local a2846 end
goto l47
do local a2848 end
goto l49
do local a2850 end
goto l1
do local a2852 end
goto l3
do local a2854 end
goto l5
do local a2856 end
goto l7
do local a2858 end
goto l9
do local a2860 end
goto l11
do local a2862 end
goto l13
do local a2864 end
goto l15
do local a2866 end
goto l17
do local a2868 end
goto l19
do local a2870 end
goto l21
do local a2872 end
goto l23
do local a2874 end
goto l25
do local a2876 end
goto l27
do local a2878 end
goto l29
do local a2880 end
goto l31
do local a2882 end
goto l33
do local a2884 end
goto l35
do local a2886 end
goto l37
do local a2888 end
goto l39
do local a2890 end
goto l41
do local a2892 end
goto l43
do local a2894 end
goto l45
do local a2896 end
goto l47
do local a2898 end
goto l49
do local a2900 end
goto l1
do local a2902 end
goto l3
do local a2904 end
goto l5
do local a2906 end
goto l7
do local a2908 end
goto l9
do local a2910 end
goto l11
do local a2912 end
goto l13
do local a2914 end
goto l15
do local a2916 end
goto l17
do local a2918 end
goto l19
do local a2920 end
goto l21
do local a2922 end
goto l23
do local a2924 end
goto l25
do local a2926 end
goto l27
do local a2928 end
goto l29
do local a2930 end
goto l31
do local a2932 end
goto l33
do local a2934 end
goto l35
do local a2936 end
goto l37
do local a2938 end
goto l39
do local a2940 end
goto l41
do local a2942 end
goto l43
do local a2944 end
goto l45
do local a2946 end
goto l47
do local a2948 end
goto l49
do local a2950 end
goto l1
do local a2952 end
goto l3
do local a2954 end
goto l5
do local a2956 end
goto l7
do local a2958 end
goto l9
do local a2960 end
goto l11
do local a2962 end
goto l13
do local a2964 end
goto l15
do local a2966 end
goto l17
do local a2968 end
goto l19
do local a2970 end
goto l21
do local a2972 end
goto l23
do local a2974 end
goto l25
do local a2976 end
goto l27
do local a2978 end
goto l29
do local a2980 end
goto l31
do local a2982 end
goto l33
do local a2984 end
goto l35
do local a2986 end
goto l37
do local a2988 end
goto l39
do local a2990 end
goto l41
do local a2992 end
goto l43
do local a2994 end
goto l45
do local a2996 end
goto l47
do local a2998 end
goto l49
::l0::
::l1::
::l2::
::l3::
::l4::
::l5::
::l6::
::l7::
::l8::
::l9::
::l10::
::l11::
::l12::
::l13::
::l14::
::l15::
::l16::
::l17::
::l18::
::l19::
::l20::
::l21::
::l22::
::l23::
::l24::
::l25::
::l26::
::l27::
::l28::
::l29::
::l30::
::l31::
::l32::
::l33::
::l34::
::l35::
::l36::
::l37::
::l38::
::l39::
::l40::
::l41::
::l42::
::l43::
::l44::
::l45::
::l46::
::l47::
::l48::
::l49::
end
